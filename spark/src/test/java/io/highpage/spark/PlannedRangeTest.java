// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Ranges, kernels and options where they are made, and what the driver looks at. */
class PlannedRangeTest {
    @TempDir
    private Path folder;

    private Path outputs;
    private Path input;

    @BeforeEach
    void files() throws IOException {
        outputs = Files.createDirectory(folder.resolve("out"));
        input = Files.write(folder.resolve("a.bin"), new byte[1000]);
    }

    @Test
    void cutRangesAreTheWholeFileInOrderAndSoAreTheirOutputs() throws IOException {
        List<FileRange> ranges = FileRange.cut(input, 400);
        assertThat(ranges).containsExactly(range(0, 400), range(400, 400), range(800, 200));
        assertThat(planned(ranges))
                .extracting(one -> outputs.relativize(Path.of(one.output())).toString())
                .containsExactly(
                        "a.bin.000000000000000-000000000000400",
                        "a.bin.000000000000400-000000000000800",
                        "a.bin.000000000000800-000000000001000")
                .isSorted();
        assertThat(FileRange.cut(input, 1000)).containsExactly(FileRange.whole(input));
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThat(FileRange.cut(empty, 400))
                .containsExactly(new FileRange(empty.toString(), 0, 0));
        assertThatThrownBy(() -> FileRange.cut(input, 0)).hasMessageContaining("0 bytes");
    }

    @Test
    void anOutputOfAWholeFileHasItsName() throws IOException {
        assertThat(planned(List.of(FileRange.whole(input))))
                .extracting(PlannedRange::output)
                .containsExactly(outputs.resolve("a.bin").toString());
    }

    @Test
    void inputsThatAreMissingShortOrNoFilesAreRefused() {
        assertThatThrownBy(() -> planned(List.of(range(500, 501))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContainingAll("bytes 500 to 1001", "which has 1000 bytes");
        assertThatThrownBy(() ->
                        planned(List.of(new FileRange(folder.resolve("none").toString(), 0, 0))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContainingAll("none", "is not there for the driver");
        assertThatThrownBy(() -> planned(List.of(new FileRange(folder.toString(), 0, 0))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no regular file");
    }

    @Test
    void twoOutputsOfOneNameAreRefused() throws IOException {
        Path other = Files.createDirectory(folder.resolve("b")).resolve("a.bin");
        Files.write(other, new byte[1]);
        assertThatThrownBy(() -> planned(List.of(FileRange.whole(input), FileRange.whole(other))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContainingAll(
                        input.toString(),
                        other.toString(),
                        outputs.resolve("a.bin").toString());
    }

    @Test
    void outputsThatAreThereAreNamed() throws IOException {
        List<PlannedRange> planned = planned(FileRange.cut(input, 100));
        PlannedRange.checkNew(planned, outputs);
        for (PlannedRange range : planned) {
            Files.createFile(Path.of(range.output()));
        }
        assertThatThrownBy(() -> PlannedRange.checkNew(planned, outputs))
                .isInstanceOf(RefusedException.class)
                .hasMessageContainingAll(
                        "a.bin.000000000000000-000000000000100, ", "(10 in all)", "remove them");
    }

    @Test
    void aFileThatWasWrittenToIsTold() throws IOException {
        InputVersion before = InputVersion.of(input, "the driver");
        before.check(input, "executor 1");
        Files.setLastModifiedTime(input, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
        assertThatThrownBy(() -> before.check(input, "executor 1"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContainingAll(
                        before.toString(), "executor 1 sees 1000 bytes of 2001-02-03T04:05:06Z");
        Files.delete(input);
        assertThatThrownBy(() -> before.check(input, "executor 1"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is not there for executor 1");
    }

    @Test
    void rangesAreCheckedWhereTheyAreMade() {
        assertThatThrownBy(() -> range(-1, 1)).hasMessageContaining("offset -1");
        assertThatThrownBy(() -> range(0, -1)).hasMessageContaining("-1 bytes");
        assertThatThrownBy(() -> range(Long.MAX_VALUE, 1)).hasMessageContaining("offset");
        assertThat(new FileRange("a.bin", 0, 0).path()).startsWith("/").endsWith("/a.bin");
        assertThat(new FileRange("file:///data/a b.bin", 0, 0).path()).isEqualTo("/data/a b.bin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hdfs://host/a", "s3a://bucket/a", "gs:/a"})
    void otherFileSystemsAreRefused(String path) {
        assertThatThrownBy(() -> new FileRange(path, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(path, "mounted");
    }

    @Test
    void kernelsAreCheckedWhereTheyAreMade() {
        assertThatThrownBy(() -> DeviceKernel.of(" ", "k")).hasMessageContaining("empty");
        assertThatThrownBy(() -> DeviceKernel.of("x", "no name")).hasMessageContaining("'no name'");
        assertThatThrownBy(() -> DeviceKernel.of("x", "k", java.math.BigInteger.ONE))
                .hasMessageContainingAll("BigInteger", "Byte");
        assertThat(DeviceKernel.of("x", "k", 1, 2f).scalars()).isEqualTo(List.of(1, 2f));
    }

    @Test
    void optionsAreCheckedWhereTheyAreMade() {
        JobOptions options = JobOptions.defaults();
        for (long bytes : new long[] {0, -65536, 65537}) {
            assertThatThrownBy(() -> options.pieceBytes(bytes)).hasMessageContaining("" + bytes);
            assertThatThrownBy(() -> options.leastPieceBytes(bytes))
                    .hasMessageContaining("" + bytes);
        }
        assertThatThrownBy(() -> options.leastPieceBytes(options.pieceBytes() * 2))
                .hasMessageContaining("more than");
        assertThatThrownBy(() -> options.roomDeadline(Duration.ZERO)).hasMessageContaining("PT0S");
        assertThat(options.pieceBytes(65536).leastPieceBytes()).isEqualTo(65536);
        assertThat(options.sameBits(true).sameBits()).isTrue();
    }

    @Test
    void whatGoesToTasksComesBackTheSame() throws IOException {
        PlannedRange range = planned(List.of(FileRange.whole(input))).getFirst();
        assertThat(Wire.value(Wire.bytes(range), PlannedRange.class)).isEqualTo(range);
        JobOptions options = JobOptions.defaults().pieceBytes(65536).sameBits(true);
        JobPlan plan = new JobPlan("/f", DeviceKernel.of("x", "k", 1, 2.5), options);
        JobPlan back = Wire.value(Wire.bytes(plan), JobPlan.class);
        assertThat(back.kernel()).isEqualTo(plan.kernel());
        assertThat(back.options()).usingRecursiveComparison().isEqualTo(options);
    }

    private FileRange range(long offset, long bytes) {
        return new FileRange(input.toString(), offset, bytes);
    }

    private List<PlannedRange> planned(List<FileRange> ranges) {
        return PlannedRange.of(ranges, outputs);
    }
}
