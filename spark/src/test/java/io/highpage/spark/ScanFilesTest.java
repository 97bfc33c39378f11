// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

class ScanFilesTest {
    @TempDir
    private Path folder;

    @Test
    void foldersPatternsAndFilesAreFoundInTheOrderOfTheirNames() throws IOException {
        write("b.f32", 4);
        write("a.f32", 8);
        write("other", 12);
        write("_SUCCESS", 0);
        write(".hidden", 1);
        write("deep/er/c.f32", 4);
        assertThat(find(folder.toString())).containsExactly("a.f32", "b.f32", "other");
        assertThat(find(folder + "/*.f32")).containsExactly("a.f32", "b.f32");
        assertThat(find(folder + "/**.f32")).containsExactly("a.f32", "b.f32", "deep/er/c.f32");
        assertThat(find(folder + "/d*/er/[a-d].f32")).containsExactly("deep/er/c.f32");
        assertThat(find(folder + "/other", "file://" + folder + "/b*"))
                .containsExactly("other", "b.f32");
        assertThat(find(folder + "/{b,c}.f32")).containsExactly("b.f32");
    }

    @Test
    void aFileWithTheNameOfAPatternIsThatFile() throws IOException {
        write("[a].f32", 4);
        write("a.f32", 4);
        assertThat(find(folder + "/[a].f32")).containsExactly("[a].f32");
    }

    @Test
    void filesOfSeveralInputsAreReadTogether() throws IOException {
        write("a/1", 4);
        write("a/2", 8);
        write("b/x", 4);
        write("b/y", 8);
        ScanFiles files = ScanFiles.find(inputs(folder + "/a", folder + "/b/*"), 4);
        assertThat(files.groups()).hasSize(2);
        assertThat(names(files.groups().getLast().paths())).containsExactly("a/2", "b/y");
        assertThat(files.byteSize()).isEqualTo(12);
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() throws IOException {
        write("a/1", 4);
        write("a/2", 8);
        write("b/1", 4);
        write("c/1", 4);
        write("c/2", 12);
        refused(inputs(folder + "/a", folder + "/b"), 4, "is 2 and [" + folder + "/b] is 1");
        refused(
                inputs(folder + "/a", folder + "/c"),
                4,
                "a/2 has 8 bytes, " + folder + "/c/2 has 12");
        refused(inputs(folder + "/a"), 8, "a/1 has 4 bytes, which are no whole number of elements");
    }

    @ParameterizedTest
    @CsvSource({
        "/missing, the driver finds no file",
        "/*.f32, the driver finds no file",
        "/no/such/*/folder, the driver finds no file",
        "/empty, the driver finds no file"
    })
    void whereThereIsNothingThatIsSaid(String name, String message) throws IOException {
        Files.createDirectory(folder.resolve("empty"));
        refused(inputs(folder + name), 4, message);
    }

    @Test
    void filesOfOtherSystemsAreRefused() {
        refused(inputs("hdfs://host/data/*.f32"), 4, "'hdfs'");
    }

    @Test
    void aFileThatHasChangedIsNoticed() throws IOException {
        Path file = write("a", 4);
        ScanFiles.Group group =
                ScanFiles.find(inputs(file.toString()), 4).groups().getFirst();
        group.check();
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        assertThatThrownBy(group::check)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file + " has changed since load()");
    }

    // ---- ranges: of files that nobody has to write ----

    @Test
    void rangesCoverFilesBeyondIntegersOnceAndInOrder() {
        long[] sizes = {5L << 32, 4, 0, (3L << 31) + 12};
        ScanFiles files = new ScanFiles(Arrays.stream(sizes)
                .mapToObj(bytes -> new ScanFiles.Group(
                        List.of("/" + bytes), List.of(new InputVersion(bytes, Instant.EPOCH))))
                .toList());
        for (long partition : new long[] {1, 300 << 20, 3L << 30, (1L << 32) + 1, Long.MAX_VALUE}) {
            assertCover(files, 100 << 20, files.ranges(100 << 20, partition));
        }
        assertThat(files.ranges(4L << 20, 4L << 30)).hasSize(5 + 1 + 2);
        assertThat(files.byteSize()).isEqualTo((5L << 32) + 4 + (3L << 31) + 12);
    }

    private static void assertCover(ScanFiles files, long piece, List<ScanRange> ranges) {
        int next = 0;
        for (ScanFiles.Group group : files.groups()) {
            long end = 0;
            while (end < group.byteSize()) {
                ScanRange range = ranges.get(next++);
                assertThat(range.group()).isEqualTo(group);
                assertThat(range.offset()).isEqualTo(end);
                assertThat(range.byteSize()).isPositive();
                end += range.byteSize();
                assertThat(end % piece == 0 || end == group.byteSize()).isTrue();
            }
            assertThat(end).isEqualTo(group.byteSize());
        }
        assertThat(next).isEqualTo(ranges.size());
    }

    private void refused(List<List<String>> inputs, long elementBytes, String message) {
        assertThatThrownBy(() -> ScanFiles.find(inputs, elementBytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static List<List<String>> inputs(String... patterns) {
        return Arrays.stream(patterns).map(List::of).toList();
    }

    private List<String> find(String... patterns) {
        ScanFiles files = ScanFiles.find(List.of(List.of(patterns)), 1);
        return names(
                files.groups().stream().map(group -> group.paths().getFirst()).toList());
    }

    private List<String> names(List<String> paths) {
        return paths.stream()
                .map(path -> folder.relativize(Path.of(path)).toString())
                .toList();
    }

    private Path write(String name, int bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, new byte[bytes]);
    }
}
