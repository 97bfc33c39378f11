// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.host.HostDevice;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Java's own channels and allocators over pins. What needs no code of ours is shown here to work,
 * without a copy.
 */
class ChannelsTest {
    private static final int BYTES = 3 << 20;
    private static final int LARGE = 64 << 20;
    private static final int ATTEMPTS = 5;
    private static final Terms SHARED = Pin.longTerm().shared();

    @TempDir
    private Path folder;

    private Path file;
    private byte[] bytes;
    private Highpage runtime;
    private PageBuffer buffer;

    @BeforeEach
    void open() throws IOException {
        bytes = new byte[BYTES];
        new Random(5).nextBytes(bytes);
        file = Files.write(folder.resolve("bytes"), bytes);
        runtime = Highpage.builder().device(HostDevice.coherent(2L * BYTES)).open();
        buffer = runtime.allocate(BYTES);
    }

    @AfterEach
    void close() {
        buffer.close();
        runtime.close();
    }

    @Test
    void aFileIsReadIntoAPin_andWrittenFromIt() throws Exception {
        Path copy = folder.resolve("copy");
        try (Pin pin = buffer.pin(Pin.longTerm());
                FileChannel in = FileChannel.open(file);
                FileChannel out = FileChannel.open(
                        copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            readFully(in, pin.asByteBuffer());
            writeFully(out, pin.asByteBuffer());
        }
        assertThat(copy).hasBinaryContent(bytes);
        assertHolds(bytes);
    }

    @Test
    void oneReadScattersOverTwoPins_andOneWriteGathersThem() throws Exception {
        Path copy = folder.resolve("copy");
        int half = BYTES / 2;
        try (Pin first = buffer.range(half, half).pin(Pin.longTerm());
                Pin second = buffer.range(0, half).pin(Pin.longTerm());
                FileChannel in = FileChannel.open(file);
                FileChannel out = FileChannel.open(
                        copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer[] both = {first.asByteBuffer(), second.asByteBuffer()};
            assertThat(in.read(both)).isEqualTo(BYTES);
            both[0].flip();
            both[1].flip();
            assertThat(out.write(both)).isEqualTo(BYTES);
        }
        assertThat(copy).hasBinaryContent(bytes);
        byte[] swapped = new byte[BYTES];
        System.arraycopy(bytes, 0, swapped, half, half);
        System.arraycopy(bytes, half, swapped, 0, half);
        assertHolds(swapped);
    }

    /**
     * The JDK copies what is on the heap through a buffer of its own, which it keeps for its
     * thread, so memory grows; its counters of direct buffers leave these out. The heap grows too,
     * now and then, and is given back, so the least and the most of a few count.
     */
    @Test
    void aPinNeedsNoBufferBetween_asTheHeapDoes() throws Exception {
        long half = LARGE / 2;
        try (PageBuffer large = runtime.allocate(LARGE)) {
            large.range(0, LARGE).fill((byte) 1);
            Path copy = Files.createFile(folder.resolve("copy"));
            try (FileChannel channel =
                    FileChannel.open(copy, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                assertThat(leastGrowth(half, () -> {
                            try (Pin pin = large.pin(Pin.longTerm())) {
                                writeThenRead(channel, pin.asByteBuffer());
                            }
                        }))
                        .isLessThan(half);
                assertThat(leastGrowth(half, () -> {
                            try (Pin first = large.range(0, half).pin(Pin.longTerm());
                                    Pin second = large.range(half, half).pin(Pin.longTerm())) {
                                channel.position(0).write(new ByteBuffer[] {
                                    first.asByteBuffer(), second.asByteBuffer()
                                });
                            }
                        }))
                        .isLessThan(half);
                ByteBuffer onHeap = ByteBuffer.wrap(filled());
                long most = 0;
                for (int attempt = 0; attempt < ATTEMPTS && most <= half; attempt++) {
                    most = growth(() -> writeThenRead(channel, onHeap));
                }
                assertThat(most).isGreaterThan(half);
            }
        }
    }

    private static byte[] filled() {
        byte[] bytes = new byte[LARGE];
        Arrays.fill(bytes, (byte) 1);
        return bytes;
    }

    private static void writeThenRead(FileChannel channel, ByteBuffer bytes) throws IOException {
        writeFully(channel.position(0), bytes);
        bytes.clear();
        readFully(channel.position(0), bytes);
    }

    private interface Work {
        void run() throws IOException;
    }

    /**
     * {@return by how many bytes this process's own memory has grown while a fresh thread works}
     */
    private static long growth(Work work) throws Exception {
        FutureTask<Long> measured = new FutureTask<>(() -> {
            long before = ownBytes();
            work.run();
            return ownBytes() - before;
        });
        Thread.ofPlatform()
                .start(measured)
                .join(); // so that what it kept is not given back in the next one's time
        return measured.get();
    }

    /** The same until it is less than what is wanted, a few times at most. */
    private static long leastGrowth(long wanted, Work work) throws Exception {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least >= wanted; attempt++) {
            least = growth(work);
        }
        return least;
    }

    private static long ownBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    @Test
    void aSocketSendsAPinAndReceivesIntoAnother() throws Exception {
        try (PageBuffer received = runtime.allocate(BYTES);
                ServerSocketChannel server = ServerSocketChannel.open()) {
            buffer.write(0, MemorySegment.ofArray(bytes));
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            FutureTask<Void> sending = start(() -> {
                try (Pin pin = buffer.pin(Pin.longTerm());
                        SocketChannel out = SocketChannel.open(server.getLocalAddress())) {
                    writeFully(out, pin.asByteBuffer());
                    return null;
                }
            });
            try (Pin pin = received.pin(Pin.longTerm());
                    SocketChannel in = server.accept()) {
                readFully(in, pin.asByteBuffer());
                assertThat(pin.segment().mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
            }
            sending.get();
        }
    }

    @Test
    void anAsynchronousReadIntoASharedPinCompletes() throws Exception {
        try (Pin pin = buffer.pin(SHARED);
                AsynchronousFileChannel in = AsynchronousFileChannel.open(file)) {
            ByteBuffer target = pin.asByteBuffer();
            while (target.hasRemaining()) {
                assertThat(in.read(target, target.position()).get(60, TimeUnit.SECONDS))
                        .isPositive();
            }
        }
        assertHolds(bytes);
    }

    /** Why the documents say: a shared pin. */
    @Test
    void anAsynchronousReadIntoAConfinedPinNeverCompletes() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor(Thread.ofPlatform()
                .daemon()
                .uncaughtExceptionHandler((_, _) -> {})
                .factory());
        try (Pin pin = buffer.pin(Pin.longTerm());
                AsynchronousFileChannel in = AsynchronousFileChannel.open(file, Set.of(), pool)) {
            Future<Integer> read = in.read(pin.asByteBuffer(), 0);
            assertThatThrownBy(() -> read.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aPinIsNotClosedUnderASystemCallThatUsesIt() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (Pin pin = buffer.pin(SHARED);
                    SocketChannel out = SocketChannel.open(server.getLocalAddress());
                    SocketChannel in = server.accept()) {
                FutureTask<Integer> reading = new FutureTask<>(() -> in.read(pin.asByteBuffer()));
                Thread reader = Thread.ofPlatform().daemon().start(reading);
                while (!isInACall(reader)) {
                    Thread.sleep(1);
                }
                assertThat(reading).isNotDone();
                assertThatIllegalStateException().isThrownBy(pin::close);
                assertThat(pin.isOpen()).isTrue();
                out.write(ByteBuffer.wrap(new byte[] {42}));
                assertThat(reading.get(60, TimeUnit.SECONDS)).isEqualTo(1);
                assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 42);
            }
        }
    }

    private static boolean isInACall(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].getMethodName().equals("read0");
    }

    @Test
    void anAllocatorSlicesAPin_andItsSegmentsEndWithIt() {
        Pin pin = buffer.pin(Pin.longTerm());
        SegmentAllocator slices = SegmentAllocator.slicingAllocator(pin.segment());
        MemorySegment text = slices.allocateFrom("page");
        MemorySegment number = slices.allocateFrom(ValueLayout.JAVA_LONG, 77);
        assertThat(text.address()).isEqualTo(pin.segment().address());
        assertThat(number.address()).isEqualTo(pin.segment().address() + 8);
        byte[] held = new byte[Long.BYTES];
        buffer.read(8, MemorySegment.ofArray(held));
        assertThat(MemorySegment.ofArray(held).get(ValueLayout.JAVA_LONG_UNALIGNED, 0))
                .isEqualTo(77);
        assertThatThrownBy(() -> slices.allocate(BYTES))
                .isInstanceOf(IndexOutOfBoundsException.class);
        pin.close();
        assertThatIllegalStateException().isThrownBy(() -> number.get(ValueLayout.JAVA_LONG, 0));
    }

    private void assertHolds(byte[] expected) {
        byte[] held = new byte[BYTES];
        buffer.read(0, MemorySegment.ofArray(held));
        assertThat(held).isEqualTo(expected);
    }

    private static void readFully(ReadableByteChannel in, ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            assertThat(in.read(target)).isPositive();
        }
    }

    private static void writeFully(WritableByteChannel out, ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            out.write(source);
        }
    }

    private static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
