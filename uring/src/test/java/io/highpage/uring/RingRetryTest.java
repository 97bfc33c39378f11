// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.EINTR;
import static io.highpage.bindings.linux.linux_h.EIO;
import static io.highpage.bindings.linux.linux_h.IORING_OFF_SQ_RING;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Pin;
import io.highpage.bindings.linux.io_cqring_offsets;
import io.highpage.bindings.linux.io_uring_cqe;
import io.highpage.bindings.linux.io_uring_params;
import io.highpage.internal.os.UringCalls;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Results that files seldom give: interrupted, try again, short in the middle, an error of one
 * part.
 */
class RingRetryTest extends RingTest {
    /** A kernel whose completions say something else; the bytes have moved all the same. */
    private static class OtherResults extends UringCalls {
        private final Deque<Integer> results = new ArrayDeque<>();
        private long tail;
        private long completions;
        private int mask;
        private int seen;
        private MemorySegment ring;

        OtherResults(Integer... results) {
            this.results.addAll(List.of(results));
        }

        @Override
        public int setup(int entries, MemorySegment params) {
            int fd = super.setup(entries, params);
            MemorySegment offsets = io_uring_params.cq_off(params);
            tail = io_cqring_offsets.tail(offsets);
            completions = io_cqring_offsets.cqes(offsets);
            mask = io_uring_params.cq_entries(params) - 1;
            return fd;
        }

        @Override
        @SuppressWarnings("restricted")
        public long map(int fd, long byteSize, long offset) {
            long address = super.map(fd, byteSize, offset);
            if (offset == IORING_OFF_SQ_RING()) {
                ring = MemorySegment.ofAddress(address).reinterpret(byteSize);
            }
            return address;
        }

        @Override
        public int enter(int fd, int submit, int complete, int flags, MemorySegment argument) {
            int result = super.enter(fd, submit, complete, flags, argument);
            for (; seen != ring.get(ValueLayout.JAVA_INT, tail); seen++) {
                MemorySegment completion = ring.asSlice(
                        completions + (seen & mask) * io_uring_cqe.layout().byteSize());
                Integer other = next();
                if (other != null) {
                    io_uring_cqe.res(completion, other);
                }
            }
            return result;
        }

        /** {@return what the next completion says, null for the truth} */
        Integer next() {
            return results.poll();
        }
    }

    @Test
    void readFully_goesOnAfterShortReadsAndErrorsThatPass() throws IOException {
        byte[] content = random((int) BYTES);
        OtherResults calls = new OtherResults(1000, -EINTR(), 5, -EAGAIN(), -EAGAIN(), 4096);
        try (Ring ring = Ring.builder("flaky").calls(calls).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(content))) {
            assertThat(ring.readFully(file, 0, fixed, 0, BYTES, SOON)).isEqualTo(BYTES);
            assertThat(calls.results).isEmpty();
            assertThat(calls.seen).isEqualTo(7);
            assertThat(bytes(pin, 0, BYTES)).isEqualTo(content);
        }
    }

    /** A file that always says "try again" is given up like one that says nothing. */
    @Test
    void readFully_toldToTryAgainForEver_failsAfterTheLimit() throws IOException {
        OtherResults calls = new OtherResults() {
            @Override
            Integer next() {
                return -EAGAIN();
            }
        };
        try (Ring ring = Ring.builder("stuck").calls(calls).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(random((int) BYTES)))) {
            assertThatThrownBy(
                            () -> ring.readFully(file, 0, fixed, 0, BYTES, Duration.ofSeconds(1)))
                    .isInstanceOf(RingException.class)
                    .hasMessageContaining("EAGAIN");
            assertThat(calls.seen).isGreaterThan(2);
        }
    }

    @Test
    void writeFully_goesOn_orSaysHowFarItCame() throws IOException {
        byte[] content = random((int) BYTES);
        Path path = folder.resolve("out");
        OtherResults calls = new OtherResults(1, -EINTR(), 99_999, (int) BYTES - 100_000, 70, 0);
        try (Ring ring = Ring.builder("flaky").calls(calls).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file =
                        RingFile.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            put(pin, content);
            ring.writeFully(file, 0, fixed, 0, BYTES, SOON);
            assertThat(path).hasBinaryContent(content);
            assertThatThrownBy(() -> ring.writeFully(file, 0, fixed, 0, 100, SOON))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("took only 70 of byteSize=100 at fileOffset=0");
        }
    }

    @Test
    void resultOfSeveralParts_endsBeforeTheFirstShortOne() throws IOException {
        long page = buffer.pageBytes();
        OtherResults calls = new OtherResults(
                (int) page, 7, (int) page, (int) page, -EIO(), (int) page, -EIO(), 5, 5);
        try (Ring ring = Ring.builder("parts").slotBytes(page).calls(calls).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(random((int) BYTES)))) {
            assertThat(ring.readFixed(file, 0, fixed, 0, 3 * page).await(SOON)).isEqualTo(page + 7);
            assertThat(ring.readFixed(file, 0, fixed, 0, 3 * page).await(SOON)).isEqualTo(page);
            RingOperation failed = ring.readFixed(file, 0, fixed, 0, 3 * page);
            assertThatThrownBy(() -> failed.await(SOON))
                    .isInstanceOf(RingException.class)
                    .hasMessageContaining("readFixed failed with EIO")
                    .extracting(error -> ((RingException) error).errno())
                    .isEqualTo(EIO());
        }
    }

    /** The kernel completes an operation in the name of the thread that submitted it. */
    @Test
    void threadThatSubmittedAndEnded_leavesAnOperationThatEnds() throws Exception {
        byte[] content = random(1000);
        try (Ring ring = Ring.open("orphan", 4);
                Pin pin = buffer.pin(Pin.longTerm().shared());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe();
                RingFile file = RingFile.open(file(content))) {
            RingOperation[] reads = new RingOperation[2];
            Thread submitter = Thread.ofPlatform().start(() -> {
                try {
                    reads[0] = ring.readFixed(pipe, 0, fixed, 0, 10);
                    reads[1] = ring.readFixed(file, 0, fixed, 100, 1000);
                    ring.submit();
                } catch (IOException failed) {
                    throw new IllegalStateException(failed);
                }
            });
            submitter.join();
            assertThat(reads[1].await(SOON)).isEqualTo(1000);
            ring.writeFully(pipe, 0, fixed, 2000, 3, SOON);
            try {
                assertThat(reads[0].await(SOON)).isEqualTo(3);
            } catch (RingException cancelled) {
                assertThat(cancelled)
                        .hasMessageContaining("ECANCELED")
                        .hasMessageContaining("has ended");
            }
        }
    }
}
