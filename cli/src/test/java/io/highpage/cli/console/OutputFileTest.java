// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
    private static final MemorySegment BYTES = MemorySegment.ofArray(new byte[] {1, 2, 3});

    @TempDir
    private Path folder;

    @Test
    void aFileAppearsWhenItIsComplete() throws IOException {
        Path path = folder.resolve("out");
        try (OutputFile file = OutputFile.create(path)) {
            file.append(BYTES, count -> {});
            assertThat(path).doesNotExist();
            file.complete();
        }
        assertThat(path).hasBinaryContent(new byte[] {1, 2, 3});
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void whatWasThereStaysUntilThen() throws IOException {
        Path path = Files.writeString(folder.resolve("out"), "old");
        try (OutputFile file = OutputFile.create(path)) {
            file.append(BYTES, count -> {});
        }
        assertThat(path).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
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
}
