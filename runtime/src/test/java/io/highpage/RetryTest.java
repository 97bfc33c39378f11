// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

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
