// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.cli.Io;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Both ways to read and write files. */
class FileTransferTest {
    private static final long CAPACITY = 16 << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "URING, 1, coherent", "URING, 1048576, coherent", "URING, 1048577, private",
                "URING, 9000001, coherent",
        "URING, 9000001, private", "CHANNEL, 1, private", "CHANNEL, 9000001, coherent",
                "CHANNEL, 9000001, private"
    })
    void bytesGoFromFilesToDevicesAndBack(Io io, int byteSize, String kind) throws Exception {
        byte[] content = new byte[byteSize + 10];
        new Random(byteSize).nextBytes(content);
        Path in = Files.write(folder.resolve("in"), content);
        Path out = folder.resolve("out");
        AtomicLong progress = new AtomicLong();
        DeviceMemory memory = kind.equals("private")
                ? HostDevice.privateMemory(CAPACITY)
                : HostDevice.coherent(CAPACITY);
        io.run(() -> {
            try (Highpage runtime = Highpage.builder().device(memory).open();
                    PageBuffer buffer = runtime.allocate(byteSize + 100);
                    FileTransfer files = FileTransfer.open(runtime);
                    OutputFile target = OutputFile.create(out)) {
                assertThat(files.description()).startsWith(io.description());
                files.read(in, 10, buffer.range(7, byteSize), progress::addAndGet);
                assertThat(progress).hasValue(byteSize);
                buffer.access(runtime.device(), AccessMode.READ_WRITE).close(); // only there
                files.write(buffer.range(7, byteSize), target, progress::addAndGet);
                files.write(buffer.range(7, 1), target, progress::addAndGet); // goes to the end
                target.complete();
                assertThat(progress).hasValue(2L * byteSize + 1);
            }
        });
        byte[] expected = Arrays.copyOfRange(content, 10, byteSize + 11);
        expected[byteSize] = content[10];
        assertThat(out).hasBinaryContent(expected);
    }

    @ParameterizedTest
    @EnumSource
    void filesThatCannotBeReadOrEnd_areSaid(Io io) throws Exception {
        Path shorter = Files.write(folder.resolve("short"), new byte[5_000_000]);
        io.run(() -> {
            try (Highpage runtime = Highpage.builder()
                            .device(HostDevice.coherent(CAPACITY))
                            .open();
                    PageBuffer buffer = runtime.allocate(9_000_000);
                    FileTransfer files = FileTransfer.open(runtime)) {
                assertThatThrownBy(() -> files.read(shorter, 100, buffer, count -> {}))
                        .isInstanceOf(EOFException.class)
                        .hasMessage("it ended at byte 5000000 while being read");
                assertThatThrownBy(() -> files.read(folder.resolve("none"), 0, buffer, count -> {}))
                        .isInstanceOf(NoSuchFileException.class);
                buffer.write(0, MemorySegment.ofArray(new byte[] {1}));
                try (OutputFile target = OutputFile.create(folder.resolve("out"))) {
                    Files.createDirectories(folder.resolve("out").resolve("meanwhile"));
                    assertThatThrownBy(() -> write(files, buffer, target))
                            .isInstanceOf(UserError.class)
                            .hasMessageContaining("cannot write " + folder.resolve("out"));
                }
            }
        });
    }

    /** Somebody else has taken the place. */
    private static void write(FileTransfer files, PageBuffer buffer, OutputFile target) {
        files.write(buffer.range(0, 10), target, count -> {});
        target.complete();
    }
}
