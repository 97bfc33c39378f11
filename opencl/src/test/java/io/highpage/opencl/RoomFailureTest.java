// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.ClFaults;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/**
 * Each call of the driver fails once while room is made for a span on a full device: whatever comes
 * of it, what is at home stays, and if the device does the rest does too, and the next try works.
 */
@Tag("opencl")
class RoomFailureTest {
    private static final int SPAN = 2 << 20;
    private static final int SPANS = 4;
    private static final int ENOUGH = 200;

    /** No memory, no resources, and a context that is dead. */
    private static final int[] CODES = {-4, -5, -36};

    /** Fails the n-th call from now on. */
    private static final class FromNow implements ClFaults {
        private int left; // until the one that fails; 0 if none is to
        private int code;
        private String failed;

        synchronized void arm(int n, int with) {
            left = n;
            code = with;
        }

        @Override
        public synchronized int code(String call) {
            if (left == 0 || --left > 0) {
                return 0;
            }
            failed = call;
            return code;
        }

        @Override
        public Duration patience() {
            return Duration.ofMillis(200);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyCall_failingWhileRoomIsMade_losesNothingThatIsAtHome(OpenClMemoryMode mode) {
        ClDeviceFacts facts = OpenClFailureTest.facts(mode);
        for (AccessMode use : new AccessMode[] {AccessMode.READ, AccessMode.READ_WRITE}) {
            for (int code : CODES) {
                int n = 1;
                while (n < ENOUGH && fails(n, code, facts, mode, use)) {
                    n++;
                }
                assertThat(n).as("calls that make room").isBetween(2, ENOUGH - 1);
            }
        }
    }

    /** {@return whether there was a call to fail} */
    private static boolean fails(
            int n, int code, ClDeviceFacts facts, OpenClMemoryMode mode, AccessMode use) {
        FromNow faults = new FromNow();
        OpenClDevice device =
                OpenClDevice.open(Cl.open(faults), "opencl:test", facts.device(), mode);
        assertThat(device.queue()).isNotNull(); // so it is waited for
        byte[] bytes = new byte[SPANS * SPAN];
        new Random(n).nextBytes(bytes);
        try (Highpage hp =
                        Highpage.builder().device(device).deviceMemory(2 * SPAN).open();
                PageBuffer buffer =
                        hp.allocate(bytes.length, Allocation.defaults().spanBytes(SPAN))) {
            buffer.write(0, MemorySegment.ofArray(bytes));
            access(hp, buffer, 0, use);
            access(hp, buffer, 1, use);
            faults.arm(n, code);
            boolean refused = false;
            try {
                access(hp, buffer, 2, use);
            } catch (HighpageException told) {
                refused = true;
            }
            faults.arm(0, 0);
            String when = faults.failed + " with " + code + ", " + use + ", told: " + refused;
            boolean lost = !works(hp, buffer, use);
            for (int span = 0; span < SPANS; span++) {
                byte[] read = new byte[SPAN];
                try {
                    buffer.read((long) span * SPAN, MemorySegment.ofArray(read));
                    assertThat(Arrays.equals(read, 0, SPAN, bytes, span * SPAN, (span + 1) * SPAN))
                            .as("bytes of span %d after %s", span, when)
                            .isTrue();
                } catch (HighpageException gone) {
                    assertThat(lost && use != AccessMode.READ)
                            .as("span %d after %s: %s", span, when, gone)
                            .isTrue();
                }
            }
        } catch (HighpageException | IllegalStateException told) { // a close says what it met
            assertThat(faults.failed).as("%s", told).isNotNull();
        }
        return faults.failed != null;
    }

    private static void access(Highpage hp, PageBuffer buffer, int span, AccessMode use) {
        PageRange range = buffer.range((long) span * SPAN, SPAN);
        range.access(hp.device(), use).close();
    }

    /** {@return whether the device is still there; then all that was refused is done} */
    private static boolean works(Highpage hp, PageBuffer buffer, AccessMode use) {
        try {
            for (int span = 0; span < SPANS; span++) {
                access(hp, buffer, span, use);
            }
            return true;
        } catch (DeviceLostException lost) {
            return false;
        }
    }
}
