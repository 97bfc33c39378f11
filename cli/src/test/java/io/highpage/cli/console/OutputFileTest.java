// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * Every test runs with files that have no name until they are complete, and with ones that have, as
 * on network file systems.
 */
class OutputFileTest {
    private static final byte[] ARRAY = {1, 2, 3};
    private static final MemorySegment BYTES = MemorySegment.ofArray(ARRAY);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileAppearsWhenItIsComplete(boolean unnamed) throws IOException {
        Path path = folder.resolve("out");
        Path plain = Files.createFile(folder.resolve("plain"));
        try (OutputFile file = OutputFile.create(path, unnamed)) {
            file.append(BYTES, count -> {});
            assertThat(path).doesNotExist();
            assertThat(files()).hasSize(unnamed ? 1 : 2).contains(plain);
            file.complete();
        }
        assertThat(path).hasBinaryContent(ARRAY);
        assertThat(Files.getPosixFilePermissions(path))
                .isEqualTo(Files.getPosixFilePermissions(plain));
        assertThat(files()).containsExactlyInAnyOrder(path, plain);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasThereStaysUntilThen(boolean unnamed) throws IOException {
        Path path = Files.writeString(folder.resolve("out"), "old");
        try (OutputFile file = OutputFile.create(path, unnamed)) {
            file.append(BYTES, count -> {});
        }
        assertThat(path).hasContent("old");
        assertThat(files()).containsExactly(path);
    }

    @ParameterizedTest
    @CsvSource({
        "true, rw-------",
        "false, rw-------",
        "true, rwxr-x---",
        "false, rwxr-x---",
        "true, rw-rw-rw-"
    })
    void permissionsAreThoseOfTheFileReplacedFromTheFirstByte(boolean unnamed, String permissions)
            throws IOException {
        Path path = Files.writeString(folder.resolve("out"), "old");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        try (OutputFile file = OutputFile.create(path, unnamed)) {
            assertThat(permissions(file.written())).isEqualTo(permissions);
            file.append(BYTES, count -> {});
            file.complete();
        }
        assertThat(permissions(path)).isEqualTo(permissions);
        assertThat(path).hasBinaryContent(ARRAY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOwnerIsThatOfTheFileReplacedFromTheFirstByte(boolean unnamed) throws IOException {
        assumeTrue(
                System.getProperty("user.name").equals("root"),
                "only root can give files to others");
        Path path = Files.writeString(folder.resolve("out"), "old");
        Files.setAttribute(path, "unix:uid", 4711);
        Files.setAttribute(path, "unix:gid", 4712);
        try (OutputFile file = OutputFile.create(path, unnamed)) {
            assertThat(Files.readAttributes(file.written(), "unix:uid,gid"))
                    .containsEntry("uid", 4711)
                    .containsEntry("gid", 4712);
            file.complete();
        }
        assertThat(Files.readAttributes(path, "unix:uid,gid"))
                .containsEntry("uid", 4711)
                .containsEntry("gid", 4712);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void severalFilesTakeTheirPlacesAllOrNone(boolean unnamed) throws IOException {
        Path first = Files.writeString(folder.resolve("first"), "old");
        Path fresh = folder.resolve("fresh");
        Path last = folder.resolve("last");
        try (OutputFile one = OutputFile.create(first, unnamed);
                OutputFile two = OutputFile.create(fresh, unnamed);
                OutputFile three = OutputFile.create(last, unnamed)) {
            Files.createDirectories(last.resolve("meanwhile"));
            assertThatThrownBy(() -> OutputFile.complete(List.of(one, two, three)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("cannot write " + last);
        }
        assertThat(first).hasContent("old");
        assertThat(files()).containsExactlyInAnyOrder(first, last);

        Files.delete(last.resolve("meanwhile"));
        Files.delete(last);
        try (OutputFile one = OutputFile.create(first, unnamed);
                OutputFile three = OutputFile.create(last, unnamed)) {
            one.append(BYTES, count -> {});
            OutputFile.complete(List.of(one, three));
        }
        assertThat(first).hasBinaryContent(ARRAY);
        assertThat(files()).containsExactlyInAnyOrder(first, last);
    }

    @Test
    void aLinkPutInThePlaceOfTheUnfinishedFileIsNotFollowed() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        try (OutputFile file = OutputFile.create(folder.resolve("out"), false)) {
            Path name = file.written().toRealPath();
            Files.delete(name);
            Files.createSymbolicLink(name, victim);
            file.append(BYTES, count -> {});
            assertThat(Files.readAllBytes(file.written())).isEqualTo(ARRAY);
        }
        assertThat(victim).hasContent("precious");
    }

    @Test
    void linksToAFileStayAndItsFileIsReplaced() throws IOException {
        Path path = Files.writeString(folder.resolve("out"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);
        try (OutputFile file = OutputFile.create(link)) {
            file.append(BYTES, count -> {});
            file.complete();
        }
        assertThat(link).isSymbolicLink();
        assertThat(path).hasBinaryContent(ARRAY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNameMayBeAsLongAsTheFileSystemLets(boolean unnamed) throws IOException {
        Path path = folder.resolve("n".repeat(255));
        try (OutputFile file = OutputFile.create(path, unnamed)) {
            file.append(BYTES, count -> {});
            file.complete();
        }
        assertThat(path).hasBinaryContent(ARRAY);
    }

    @Test
    void aTemporaryFileIsNowhereToBeFound() throws IOException {
        try (OutputFile file = OutputFile.temporary()) {
            file.append(BYTES, count -> {});
            assertThat(file.byteSize()).isEqualTo(3);
            assertThat(Files.readAllBytes(file.written())).isEqualTo(ARRAY);
            file.complete();
        }
    }

    @Test
    void aFullDiskIsToldWithTheFileAndTheByte() {
        Path full = Path.of("/dev/full");
        try (OutputFile file = OutputFile.create(full)) {
            assertThatThrownBy(() -> file.append(BYTES, count -> {}))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("cannot write /dev/full beyond byte 0")
                    .hasMessageContaining("No space left on device");
        }
        assertThat(full).exists();
    }

    @Test
    void aFolderCannotBeWritten() {
        assertThatThrownBy(() -> OutputFile.create(folder)).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> OutputFile.create(folder.resolve("no/such")))
                .hasMessageContaining("no such file or folder");
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
