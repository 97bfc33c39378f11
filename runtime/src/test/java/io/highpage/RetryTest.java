// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.OutOfPageMemoryException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Work for which there is no memory is done after something is released, or in parts. */
class RetryTest {
    private static final long SPAN = 2 << 20;

    private final Highpage hp = Highpage.builder()
            .device(HostDevice.coherent(1 << 30))
            .deviceMemory(2 * SPAN)
            .open();
    private final PageBuffer buffer =
            hp.allocate(4 * SPAN, Allocation.defaults().spanBytes(SPAN));
    private final Deque<DeviceAccess> held = new ArrayDeque<>();

    @AfterEach
    void close() {
        held.forEach(DeviceAccess::close);
        hp.close();
    }

    private DeviceAccess access(long span) {
        return buffer.range(span * SPAN, SPAN).access(hp.device(), AccessMode.READ_WRITE);
    }

    private boolean release() {
        if (held.isEmpty()) {
            return false;
        }
        held.pop().close();
        return true;
    }

    @Test
    void work_isDoneAgain_asLongAsSomethingCanBeReleased() {
        held.push(access(0));
        held.push(access(1));
        List<Integer> tries = new ArrayList<>();
        long bytes = Retry.run(this::release, () -> {
            tries.add(held.size());
            try (DeviceAccess first = access(2);
                    DeviceAccess second = access(3)) {
                return first.byteSize() + second.byteSize();
            }
        });
        assertThat(bytes).isEqualTo(2 * SPAN);
        assertThat(tries).containsExactly(2, 1, 0);
    }

    @Test
    void work_forWhichNothingIsLeftToRelease_endsWithTheRefusal() {
        assertThatThrownBy(() -> Retry.run(this::release, () -> {
                    try (DeviceAccess first = access(0);
                            DeviceAccess second = access(1)) {
                        return access(2);
                    }
                }))
                .isInstanceOfSatisfying(
                        OutOfPageMemoryException.class,
                        full -> assertThat(full.isRetryable()).isTrue());
    }

    @Test
    void whatNeverFits_isNotTriedAgain() {
        PageBuffer large = hp.allocate(3 * SPAN);
        held.push(access(0));
        assertThatThrownBy(() ->
                        Retry.run(this::release, () -> large.access(hp.device(), AccessMode.READ)))
                .isInstanceOf(OutOfPageMemoryException.class);
        assertThat(held).as("nothing was released in vain").hasSize(1);
    }

    static List<Error> errors() {
        return List.of(new StackOverflowError("thrown"), new OutOfMemoryError("thrown"));
    }

    private Throwable failure(ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(hp.holders()).as("what is held").hasSize(held.size());
        return failure;
    }

    @ParameterizedTest
    @MethodSource("errors")
    void errorInTheWork_isPassedOnAsItIs_andNothingIsReleasedForIt(Error error) {
        held.push(access(0));
        List<Integer> tries = new ArrayList<>();
        Throwable failure = failure(() -> Retry.run(this::release, () -> {
            try (DeviceAccess second = access(1)) {
                tries.add(held.size());
                throw error;
            }
        }));
        assertThat(failure).isSameAs(error).hasNoSuppressedExceptions();
        assertThat(tries).containsExactly(1);
        assertThat(held).hasSize(1);
    }

    @Test
    void workThatOverflowsTheStack_isNotDoneAgain_andGivesBackWhatItHeld() {
        AtomicInteger tries = new AtomicInteger();
        held.push(access(0));
        Throwable failure = failure(() -> Retry.inParts(buffer, SPAN, this::release, part -> {
            try (DeviceAccess second = access(1)) {
                tries.incrementAndGet();
                overflow(0);
            }
        }));
        assertThat(failure).isExactlyInstanceOf(StackOverflowError.class);
        assertThat(tries).hasValue(1);
        assertThat(held).hasSize(1);
        assertThat(Retry.run(() -> false, () -> 1)).isEqualTo(1);
    }

    private static int overflow(int depth) {
        return overflow(depth + 1) + depth;
    }

    @ParameterizedTest
    @MethodSource("errors")
    void errorInTheRelease_isPassedOnAsItIs_andTheWorkIsNotDoneAgain(Error error) {
        held.push(access(0));
        held.push(access(1));
        AtomicInteger tries = new AtomicInteger();
        Throwable failure = failure(() -> Retry.run(
                () -> {
                    release();
                    throw error;
                },
                () -> {
                    tries.incrementAndGet();
                    try (DeviceAccess first = access(2)) {
                        return access(3);
                    }
                }));
        assertThat(failure).isSameAs(error).hasNoSuppressedExceptions();
        assertThat(tries).hasValue(1);
        assertThat(held).as("what the release had not given up").hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void errorInAPart_endsWithThePartsBeforeItDone(Error error) {
        List<Long> tried = new ArrayList<>();
        Throwable failure = failure(() -> Retry.inParts(buffer, SPAN, () -> false, part -> {
            tried.add(part.byteSize());
            if (part.byteSize() > SPAN) {
                throw new OutOfPageMemoryException("no", true, part.byteSize(), null);
            }
            if (part.offset() > 0) {
                throw error;
            }
        }));
        assertThat(failure).isSameAs(error);
        assertThat(tried).containsExactly(4 * SPAN, 2 * SPAN, SPAN, SPAN);
        tried.clear();
        failure = failure(() -> Retry.inParts(
                buffer,
                SPAN,
                () -> {
                    throw error;
                },
                part -> {
                    tried.add(part.byteSize());
                    throw new OutOfPageMemoryException("no", true, part.byteSize(), null);
                }));
        assertThat(failure).isSameAs(error);
        assertThat(tried).containsExactly(4 * SPAN);
    }

    /** What failed to close may be held still, and would be taken once more each time. */
    @ParameterizedTest
    @MethodSource("errors")
    void refusalAfterWhichSomethingFailedToClose_isNotTriedAgain_norInParts(Error error) {
        AtomicInteger tries = new AtomicInteger();
        Throwable failure = failure(() -> Retry.inParts(buffer, SPAN, () -> true, part -> {
            if (tries.incrementAndGet() > 1) {
                return;
            }
            try (AutoCloseableUnchecked fails = () -> {
                throw error;
            }) {
                throw new OutOfPageMemoryException("no", true, part.byteSize(), null);
            }
        }));
        assertThat(failure)
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasSuppressedException(error);
        assertThat(tries).hasValue(1);
        tries.set(0);
        failure = failure(() -> Retry.inParts(buffer, SPAN, () -> false, part -> {
            if (tries.incrementAndGet() > 1) {
                return;
            }
            OutOfPageMemoryException full =
                    new OutOfPageMemoryException("no", true, part.byteSize(), null);
            full.addSuppressed(error);
            throw full;
        }));
        assertThat(failure)
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasSuppressedException(error);
        assertThat(tries).hasValue(1);
    }

    /** Several threads' refusals that a program has put together are only refusals. */
    @Test
    void refusalsTogether_areTriedAgain() {
        AtomicInteger tries = new AtomicInteger();
        int done = Retry.run(() -> true, () -> {
            if (tries.incrementAndGet() == 1) {
                OutOfPageMemoryException one = new OutOfPageMemoryException("no", true, 1, null);
                one.addSuppressed(new OutOfPageMemoryException("no", true, 2, null));
                throw one;
            }
            return tries.get();
        });
        assertThat(done).isEqualTo(2);
    }

    private interface AutoCloseableUnchecked extends AutoCloseable {
        @Override
        void close();
    }

    /** All four spans do not fit at once, and two do. */
    @Test
    void work_isSplit_downToWhatFits_inOrder_eachPartOnce() {
        List<String> done = new ArrayList<>();
        Retry.inParts(buffer, SPAN, this::release, part -> {
            List<DeviceAccess> all = new ArrayList<>();
            try {
                for (long at = part.offset(); at < part.offset() + part.byteSize(); at += SPAN) {
                    all.add(access(at / SPAN));
                }
                done.add(part.offset() / SPAN + "+" + part.byteSize() / SPAN);
            } finally {
                all.forEach(DeviceAccess::close);
            }
        });
        assertThat(done).containsExactly("0+2", "2+2");
    }

    @Test
    void parts_endAtTheLeast_andAtAPage() {
        List<Long> tried = new ArrayList<>();
        PageRange range = buffer.range(100, 3 * buffer.pageBytes());
        assertThatThrownBy(() -> Retry.inParts(range, 1, () -> false, part -> {
                    tried.add(part.byteSize());
                    throw new OutOfPageMemoryException("no", true, part.byteSize(), null);
                }))
                .isInstanceOf(OutOfPageMemoryException.class);
        long page = buffer.pageBytes();
        assertThat(tried).containsExactly(3 * page, page - 100);
        tried.clear();
        assertThatThrownBy(() -> Retry.inParts(buffer, 2 * SPAN, () -> false, part -> {
                    tried.add(part.byteSize());
                    throw new OutOfPageMemoryException("no", true, part.byteSize(), null);
                }))
                .isInstanceOf(OutOfPageMemoryException.class);
        assertThat(tried).containsExactly(4 * SPAN, 2 * SPAN);
        assertThatThrownBy(() -> Retry.inParts(buffer, 0, () -> false, part -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leastBytes=0");
    }
}
