// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether others had the processors, by what Linux tells. */
class CpuTimesTest {
    private static final long SECOND = 1_000_000_000L;

    /** Four processors, of which this process may use the first and the last. */
    private static CpuTimes times(long user, long steal, long ownNanos, long at) {
        String text = "cpu  999 9 9 777 888 9 9 9 5 5\n"
                + "cpu0 " + (user - 300) + " 0 0 7 8 0 0 " + steal + " 5 5\n"
                + "cpu1 " + at / SECOND * 100 + " 1 2 3 4 5 6 7 8 9\n"
                + "cpu10 1 1 1 1 1 1 1 1 1 1\n"
                + "cpu3 100 100 0 777 888 100 0 0 5 5\n"
                + "intr 1 2 3\ncpufreq 1\n";
        return CpuTimes.parse(text, "0,3-3", ownNanos, at).orElseThrow();
    }

    /** Of two processors in one second: what this process used, and others in hundredths. */
    @ParameterizedTest
    @CsvSource({
        "2, 2000, 0, 0, false",
        "2, 500, 20, 0, false",
        "2, 500, 30, 0, true",
        "2, 500, 0, 30, true",
        "2, 2000, 200, 0, true",
        "1, 500, 100, 0, false",
        "1, 500, 130, 0, true",
        "8, 500, 20, 0, false",
    })
    void processorsAreBusy_whereOthersLeaveTooFew(
            int threads, int ownMillis, int others, int stolen, boolean busy) {
        CpuTimes before = times(1000, 10, SECOND, 5 * SECOND);
        CpuTimes after = times(
                1000 + ownMillis / 10 + others,
                10 + stolen,
                SECOND + ownMillis * 1_000_000L,
                6 * SECOND);

        assertThat(after.wereBusySince(before, threads)).isEqualTo(busy);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cpu0",
                "cpu0 1 2 3\n",
                "cpu0 1 2 3 4 5 6 7 x\n",
                "cpu 1 2 3 4 5 6 7 8\n",
                "intr 1 2 3 4 5 6 7 8\n",
                "cpu2 1 2 3 4 5 6 7 8\n" // another one's
            })
    void anythingElse_saysNothing(String text) {
        assertThat(CpuTimes.parse(text, "0-1", 0, 0)).isEmpty();
    }

    @Test
    void onLinux_theyAreKnown() {
        CpuTimes before = CpuTimes.now().orElseThrow();
        long start = System.nanoTime();
        while (System.nanoTime() - start < SECOND / 10) {
            Thread.onSpinWait();
        }
        CpuTimes after = CpuTimes.now().orElseThrow();

        assertThat(after.nanos()).isGreaterThan(before.nanos());
        assertThat(after.ownNanos()).isGreaterThan(before.ownNanos());
        assertThat(after.cores()).isPositive();
    }
}
