// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Pin;
import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads and writes of real files. */
class RingTransferTest extends RingTest {
    private static final StandardOpenOption[] NEW = {
        StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW
    };

    private RingFile open(Path path, boolean direct, StandardOpenOption... options)
            throws IOException {
        return direct ? RingFile.openDirect(path, options) : RingFile.open(path, options);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writtenBytes_comeBack(boolean direct) throws IOException {
        Path path = folder.resolve("file");
        byte[] content = random((int) BYTES);
        try (Ring ring = Ring.open("files", 8);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = open(path, direct, NEW)) {
            put(pin, content);
            assertThat(ring.writeFixed(file, 0, fixed, 0, BYTES).await(SOON)).isEqualTo(BYTES);
            assertThat(ring.fsync(file).await(SOON)).isZero();
            assertThat(Files.readAllBytes(path)).isEqualTo(content);
            pin.segment().fill((byte) 0);
            assertThat(ring.readFixed(file, 0, fixed, 0, BYTES).await(SOON)).isEqualTo(BYTES);
            assertThat(bytes(pin, 0, BYTES)).isEqualTo(content);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rangesAcrossSlots_areSplitAndOneResult(boolean direct) throws IOException {
        byte[] content = random((int) BYTES);
        long page = buffer.pageBytes();
        try (Ring ring = Ring.builder("split").slotBytes(4 * page).open();
                Pin pin = buffer.range(100, BYTES - 100).pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = open(file(content), direct)) {
            assertThat(fixed.slots()).isEqualTo((int) (BYTES / page / 4));
            long start = page - 100; // the second page of the buffer, also in the middle of a slot
            long length = 9 * page;
            assertThat(ring.readFixed(file, page, fixed, start, length).await(SOON))
                    .isEqualTo(length);
            assertThat(bytes(pin, start, length))
                    .isEqualTo(Arrays.copyOfRange(content, (int) page, (int) (page + length)));
            assertThat(bytes(pin, 0, start)).containsOnly(0);
            assertThat(bytes(pin, start + length, pin.byteSize() - start - length))
                    .containsOnly(0);
        }
    }

    @Test
    void unalignedRanges_workWithoutDirect() throws IOException {
        byte[] content = random(5000);
        try (Ring ring = Ring.open("odd", 4);
                Pin pin = buffer.range(3, 9000).pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(content))) {
            assertThat(ring.readFixed(file, 7, fixed, 11, 4001).await(SOON)).isEqualTo(4001);
            assertThat(bytes(pin, 11, 4001)).isEqualTo(Arrays.copyOfRange(content, 7, 4008));
        }
    }

    @Test
    void pinThatOnlyReads_isWrittenToAFileAndNotReadInto() throws IOException {
        byte[] content = random((int) BYTES);
        buffer.write(0, MemorySegment.ofArray(content));
        Path path = file(new byte[(int) BYTES]);
        try (Ring ring = Ring.open("reader", 4);
                Pin pin = buffer.pin(Pin.longTerm().mode(AccessMode.READ));
                FixedBuffer fixed = ring.register(pin);
                RingFile file =
                        RingFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("readFixed would write to pin of bytes 0.." + BYTES);
            assertThatThrownBy(() -> ring.readFully(file, 0, fixed, 0, 1, SOON))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(ring.writeFixed(file, 0, fixed, 0, BYTES).await(SOON)).isEqualTo(BYTES);
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(content);
    }

    @Test
    void severalOperations_goWithOneSubmit() throws IOException {
        byte[] content = random((int) BYTES);
        long piece = BYTES / 16;
        try (Ring ring = Ring.open("batch", 16);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(content))) {
            List<RingOperation> reads = new ArrayList<>();
            for (int i = 0; i < 16; i++) { // the file backwards
                reads.add(ring.readFixed(file, (15 - i) * piece, fixed, i * piece, piece));
            }
            assertThat(bytes(pin, 0, BYTES)).containsOnly(0); // nothing has begun
            ring.submit();
            for (RingOperation read : reads.reversed()) {
                assertThat(read.await(SOON)).isEqualTo(piece);
                assertThat(read.isDone()).isTrue();
            }
            for (int i = 0; i < 16; i++) {
                assertThat(bytes(pin, i * piece, piece))
                        .isEqualTo(Arrays.copyOfRange(
                                content, (int) ((15 - i) * piece), (int) ((16 - i) * piece)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readBeyondTheEnd_isShort(boolean direct) throws IOException {
        byte[] content = random(10_000);
        long page = buffer.pageBytes();
        try (Ring ring = Ring.builder("end").slotBytes(page).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = open(file(content), direct)) {
            assertThat(ring.readFixed(file, 0, fixed, 0, 8 * page).await(SOON)).isEqualTo(10_000);
            assertThat(bytes(pin, 0, 10_000)).isEqualTo(content);
            assertThat(bytes(pin, 10_000, BYTES - 10_000)).containsOnly(0);
            assertThat(ring.readFixed(file, 4 * page, fixed, 0, page).await(SOON))
                    .isZero();
            pin.segment().fill((byte) 0);
            assertThat(ring.readFully(file, page, fixed, 0, BYTES, SOON)).isEqualTo(10_000 - page);
            assertThat(bytes(pin, 0, 10_000 - page))
                    .isEqualTo(Arrays.copyOfRange(content, (int) page, 10_000));
        }
    }

    @Test
    void fileThatShrinks_isReadAsFarAsItGoes() throws IOException {
        Path path = file(random((int) BYTES));
        try (Ring ring = Ring.open("shrinking", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(path);
                FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
            RingOperation read = ring.readFixed(file, 0, fixed, 0, BYTES);
            other.truncate(1000); // between the decision how much to read and the read
            assertThat(read.await(SOON)).isEqualTo(1000);
            assertThat(ring.readFully(file, 0, fixed, 0, BYTES, SOON)).isEqualTo(1000);
            other.truncate(0);
            assertThat(ring.readFully(file, 0, fixed, 0, BYTES, SOON)).isZero();
        }
    }

    @Test
    void pipe_givesWhatThereIs() throws Exception {
        try (Ring ring = Ring.open("pipe", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe()) {
            RingOperation read = ring.readFixed(pipe, 0, fixed, 0, BYTES / 2);
            ring.submit();
            assertThat(read.isDone()).isFalse();
            put(pin, "0123456789".getBytes());
            ring.writeFully(pipe, 0, fixed, 2, 3, SOON);
            assertThat(read.await(SOON)).isEqualTo(3);
            assertThat(bytes(pin, 0, 3)).isEqualTo("234".getBytes());
        }
    }

    @Test
    void fullDevice_isSaidByName() throws IOException {
        try (Ring ring = Ring.open("full", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile full = RingFile.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> ring.writeFully(full, 0, fixed, 0, 100, SOON))
                    .isInstanceOf(RingException.class)
                    .hasMessageContaining("writeFixed failed with ENOSPC")
                    .hasMessageContaining("/dev/full fileOffset=0 byteSize=100")
                    .hasMessageContaining("the file system is full");
        }
    }

    @Test
    void fsyncOfAPipe_isRefused() throws Exception {
        try (Ring ring = Ring.open("pipe", 4);
                RingFile pipe = pipe()) {
            assertThatThrownBy(() -> ring.fsync(pipe).await(SOON))
                    .isInstanceOf(RingException.class)
                    .hasMessageContaining("fsync failed with EINVAL")
                    .hasMessageContaining("this kind of file does not offer it");
        }
    }

    @Test
    void readOfAFolder_isRefused() throws Exception {
        try (Ring ring = Ring.open("folder", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(folder)) {
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, 0, 1).await(SOON))
                    .isInstanceOf(RingException.class)
                    .hasMessageContaining("EISDIR");
        }
    }

    @Test
    void direct_wantsWholeBlocks() throws IOException {
        try (Ring ring = Ring.open("blocks", 4);
                Pin pin = buffer.range(100, BYTES - 100).pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.openDirect(file(random((int) BYTES)))) {
            long block = file.alignment();
            assertThat(file.isDirect()).isTrue();
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, 0, block))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("address=")
                    .hasMessageContaining("alignment=" + block);
            assertThatThrownBy(() -> ring.readFixed(file, 1, fixed, block - 100, block))
                    .hasMessageContaining("fileOffset=1 is not a multiple");
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, block - 100, block + 1))
                    .hasMessageContaining("byteSize=" + (block + 1) + " is not a multiple");
            assertThat(ring.readFixed(file, 0, fixed, block - 100, block).await(SOON))
                    .isEqualTo(block);
        }
    }

    @Test
    void badArguments_neverReachTheKernel() throws IOException {
        try (Ring ring = Ring.open("one", 4);
                Ring other = Ring.open("other", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile reads = RingFile.open(file(random(100)), StandardOpenOption.READ);
                RingFile writes = RingFile.open(
                        folder.resolve("out"),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)) {
            assertThatThrownBy(() -> other.readFixed(reads, 0, fixed, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'one' is not a buffer of io_uring ring 'other'");
            for (long[] range :
                    new long[][] {{-1, 1}, {0, BYTES + 1}, {BYTES, 1}, {1, Long.MAX_VALUE}}) {
                assertThatThrownBy(() -> ring.readFixed(reads, 0, fixed, range[0], range[1]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThatThrownBy(() -> ring.readFixed(reads, -1, fixed, 0, 1))
                    .hasMessageContaining("fileOffset=-1");
            assertThatThrownBy(() -> ring.readFixed(reads, 0, fixed, 0, -1))
                    .hasMessageContaining("byteSize=-1");
            assertThatThrownBy(() -> ring.writeFixed(reads, 0, fixed, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was not opened for writing");
            assertThatThrownBy(() -> ring.readFixed(writes, 0, fixed, 0, 1))
                    .hasMessageContaining("was not opened for reading");
            assertThatThrownBy(() -> ring.readFixed(null, 0, fixed, 0, 1))
                    .isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> ring.readFixed(reads, 0, null, 0, 1))
                    .isInstanceOf(NullPointerException.class);
            reads.close();
            for (long none : new long[] {0, 1}) {
                assertThatThrownBy(() -> ring.readFixed(reads, 0, fixed, 0, none))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is closed");
            }
        }
    }

    /** A program that takes a file in pieces may have an empty one. */
    @Test
    void noBytes_areDoneAtOnce_andLookedAtAsOthersAre() throws IOException {
        try (Ring ring = Ring.open("one", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                Pin empty = buffer.range(BYTES, 0).pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                FixedBuffer nothing = ring.register(empty);
                RingFile reads = RingFile.open(file(random(100)), StandardOpenOption.READ);
                RingFile writes = RingFile.open(
                        folder.resolve("none"),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)) {
            for (FixedBuffer each : List.of(fixed, nothing)) {
                long end = each.byteSize();
                RingOperation read = ring.readFixed(reads, 0, each, end, 0);
                assertThat(read.isDone()).isTrue();
                assertThat(read.await(SOON)).isZero();
                read.cancel();
                assertThat(ring.writeFixed(writes, 0, each, end, 0).await(SOON)).isZero();
                assertThat(ring.readFully(reads, 0, each, end, 0, SOON)).isZero();
                ring.writeFully(writes, 0, each, end, 0, SOON);
                assertThatThrownBy(() -> ring.readFixed(reads, 0, each, end + 1, 0))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> ring.readFully(writes, 0, each, end, 0, SOON))
                        .hasMessageContaining("was not opened for reading");
            }
        }
    }

    @Test
    void files_areOpenedAsTheJdkOpensThem() throws IOException {
        Path path = folder.resolve("new");
        assertThatThrownBy(() -> RingFile.open(path)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> RingFile.open(path, StandardOpenOption.CREATE)) // for reading
                .isInstanceOf(NoSuchFileException.class);
        RingFile.open(path, NEW).close();
        assertThatThrownBy(() -> RingFile.open(path, NEW))
                .isInstanceOf(FileAlreadyExistsException.class);
        Files.write(path, random(10));
        RingFile.open(
                        path,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.DSYNC)
                .close();
        assertThat(path).isEmptyFile();
        assertThatThrownBy(() -> RingFile.open(path, StandardOpenOption.APPEND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("APPEND");
        assertThatThrownBy(() -> RingFile.open(folder, StandardOpenOption.WRITE))
                .hasMessageContaining("EISDIR");
        assertThatThrownBy(() -> RingFile.openDirect(Path.of("/proc/self/status")))
                .hasMessageContaining("EINVAL")
                .hasMessageContaining("may have no O_DIRECT");
        RingFile twice = RingFile.open(path);
        twice.close();
        twice.close();
        if (!System.getProperty("user.name").equals("root")) {
            assertThatThrownBy(() -> RingFile.open(Path.of("/proc/1/mem")))
                    .isInstanceOf(AccessDeniedException.class);
        }
    }

    @Test
    void pathsOfOtherFileSystems_areRefused() throws IOException {
        try (FileSystem zip =
                FileSystems.newFileSystem(folder.resolve("a.zip"), Map.of("create", "true"))) {
            assertThatThrownBy(() -> RingFile.open(zip.getPath("/a")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("default file system");
        }
    }

    @Test
    void holesAndEnds_readAsTheKernelSays() throws IOException {
        Path path = folder.resolve("sparse");
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            channel.write(ByteBuffer.wrap(new byte[] {7}), BYTES - 1);
        }
        try (Ring ring = Ring.open("sparse", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(path)) {
            pin.segment().fill((byte) 1);
            assertThat(ring.readFully(file, 0, fixed, 0, BYTES, SOON)).isEqualTo(BYTES);
            assertThat(bytes(pin, 0, BYTES - 1)).containsOnly(0);
            assertThat(bytes(pin, BYTES - 1, 1)).containsExactly(7);
        }
    }
}
