// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.work.Background;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;

/** A full device becomes clean while nobody copies, so that making room copies nothing. */
@Timeout(300)
class WriteBackTest {
    private static final int SPAN = 16 * Scene.PAGE;
    private static final int SPANS = 4;
    private static final EnumSet<Call> COPY_OUT = EnumSet.of(Call.COPY_OUT);

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** A device with room for four spans, and a buffer that fills it with what is only there. */
    private static final class Full {
        final Rig rig;
        final PageBuffer buffer;
        final byte[] bytes = new byte[SPANS * SPAN];

        Full(Rig rig) {
            this(rig, rig.runtime().budget());
        }

        Full(Rig rig, Budget budget) {
            this.rig = rig;
            buffer = rig.runtime()
                    .allocate(
                            ((ManagedBudget) budget).node(),
                            SPANS * SPAN,
                            PageSizes.of(Scene.PAGE, SPAN));
            new Random(1).nextBytes(bytes);
            buffer.write(0, MemorySegment.ofArray(bytes));
            for (int span = 0; span < SPANS; span++) {
                access(span).close();
            }
            assertThat(cleanBytes()).isZero();
        }

        PageRange span(int span) {
            return buffer.range((long) span * SPAN, SPAN);
        }

        DeviceAccess access(int span) {
            return span(span).access(rig.runtime().device(), AccessMode.READ_WRITE);
        }

        long cleanBytes() {
            long clean = 0;
            for (long page = 0; page < buffer.pageCount(); page++) {
                long word = ((ManagedBuffer) buffer).word(page);
                clean += PageWord.state(word) == PageWord.BOTH ? Scene.PAGE : 0;
            }
            return clean;
        }

        void becomesClean(int spans) {
            Eventually.becomes(spans + " clean spans", () -> cleanBytes() == (long) spans * SPAN);
        }

        void stays(int spans) {
            Eventually.wouldHaveLooked();
            assertThat(cleanBytes()).isEqualTo((long) spans * SPAN);
        }

        void check() {
            byte[] read = new byte[bytes.length];
            buffer.read(0, MemorySegment.ofArray(read));
            assertThat(Arrays.mismatch(read, bytes)).isEqualTo(-1);
        }
    }

    private Full full(DeviceKind kind, int roomInSpans) {
        return new Full(rest.open((long) roomInSpans * SPAN, Scene.device(kind)));
    }

    @ParameterizedTest
    @EnumSource
    void fullDevice_thatIsIdle_becomesCleanUpToTheHighMark_andSpansLeaveForFree(DeviceKind kind) {
        Full full = full(kind, SPANS);
        PageRuntime runtime = full.rig.runtime();
        long before = runtime.device().traffic().bytesOut();
        runtime.writeBackAhead(0.2, 0.5);
        full.becomesClean(2);
        full.stays(2);
        assertThat(runtime.device().traffic().bytesOut() - before).isEqualTo(2 * SPAN);
        assertThat(runtime.device().usedBytes()).isEqualTo(SPANS * SPAN);

        PageBuffer more = runtime.allocate(SPAN, PageSizes.of(Scene.PAGE, SPAN));
        more.access(runtime.device(), AccessMode.READ_WRITE).close();
        DeviceTraffic traffic = runtime.device().traffic();
        assertThat(traffic.spansEvicted()).isOne();
        assertThat(traffic.bytesEvictedFree()).isEqualTo(SPAN);
        assertThat(traffic.bytesOut() - before).isEqualTo(2 * SPAN);
        full.check();
    }

    /** A limit above what the device has is one all the same: what it has decides. */
    @ParameterizedTest
    @EnumSource
    void fullDevice_withALimitAboveWhatItHas_becomesCleanUpToTheHighMark(DeviceKind kind) {
        Rig rig = rest.open(
                kind == DeviceKind.COHERENT
                        ? HostDevice.coherent(SPANS * SPAN)
                        : HostDevice.privateMemory(SPANS * SPAN));
        rig.runtime().budget().deviceMemory(rig.runtime().device(), Long.MAX_VALUE);
        Full full = new Full(rig);
        rig.runtime().writeBackAhead(0.2, 0.5);
        full.becomesClean(2);
        full.stays(2);
        full.check();
    }

    @ParameterizedTest
    @EnumSource
    void spansThatAreDirtyInPart_becomeCleanUpToTheHighMark(DeviceKind kind) {
        Full full = full(kind, SPANS);
        PageRuntime runtime = full.rig.runtime();
        for (int span = 0; span < SPANS; span++) {
            full.span(span).evict();
            full.span(span).prefetch(runtime.device());
            PageRange page = full.buffer.range((long) span * SPAN, Scene.PAGE);
            Scene.bring(page, runtime.device());
        }
        assertThat(full.cleanBytes()).isEqualTo(SPANS * (SPAN - Scene.PAGE));
        Background.Job job = runtime.writeBack(0.94, 1); // 60 of 64 pages are clean
        job.look(() -> true); // it was filled since the last look
        job.look(() -> true);
        assertThat(full.cleanBytes()).isEqualTo(SPANS * SPAN);
        full.check();
    }

    @ParameterizedTest
    @EnumSource
    void deviceThatOthersCopyFrom_isLeftAlone(DeviceKind kind) {
        Full full = full(kind, SPANS);
        Background.Job job = full.rig.runtime().writeBack(0.7, 1);
        assertThat(job.look(() -> true)).isTrue(); // it was filled since the last look
        assertThat(full.cleanBytes()).isZero();
        full.span(0).evict();
        job.look(() -> true);
        assertThat(full.cleanBytes()).isZero();
        job.look(() -> false); // a batch, and no time for more
        assertThat(full.cleanBytes()).isEqualTo(SPAN);
        job.look(() -> true);
        assertThat(full.cleanBytes()).isEqualTo(3 * SPAN);
        full.check();
    }

    @Test
    void deviceWithRoom_staysDirty() {
        Full full = full(DeviceKind.PRIVATE, 2 * SPANS);
        full.rig.runtime().writeBackAhead(0.5, 1);
        full.stays(0);
        full.rig.runtime().budget().deviceMemory(full.rig.runtime().device(), SPANS * SPAN);
        full.becomesClean(SPANS);
        full.check();
    }

    /** Who is in it makes room by what is in it: the marks are of its limit. */
    @ParameterizedTest
    @EnumSource
    void fullGroup_becomesClean_thoughTheDeviceHasRoom(DeviceKind kind) {
        Rig rig = rest.open(100L * SPAN, Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        Budget outer = runtime.budget("outer", 50L * SPAN);
        Budget cache = outer.budget("cache", SPANS * SPAN).hostMemory(Long.MAX_VALUE);
        Full others = new Full(rig, outer);
        Full full = new Full(rig, cache);
        long before = runtime.device().traffic().bytesOut();
        runtime.writeBackAhead(0.2, 0.5);
        full.becomesClean(2);
        full.stays(2);
        others.stays(0);
        assertThat(runtime.device().traffic().bytesOut() - before).isEqualTo(2 * SPAN);
        full.check();
    }

    @ParameterizedTest
    @EnumSource
    void spansInUse_areCleanedOnceNobodyUsesThem(DeviceKind kind) {
        Full full = full(kind, SPANS);
        List<DeviceAccess> open = new ArrayList<>();
        for (int span = 0; span < SPANS; span++) {
            open.add(full.access(span));
        }
        full.rig.runtime().writeBackAhead(0.5, 1);
        full.stays(0);
        open.forEach(DeviceAccess::close);
        full.becomesClean(SPANS);
        full.access(1).close(); // a writer ends what is clean of it
        assertThat(full.cleanBytes()).isEqualTo((SPANS - 1) * SPAN);
        full.check();
    }

    @Test
    void fullHome_keepsWhatOthersHaveThere() {
        Full full = full(DeviceKind.PRIVATE, 2 * SPANS);
        PageRuntime runtime = full.rig.runtime();
        PageBuffer fresh = runtime.allocate(SPANS * SPAN, PageSizes.of(Scene.PAGE, SPAN));
        for (int span = 0; span < SPANS; span++) {
            fresh.range((long) span * SPAN, SPAN)
                    .access(runtime.device(), AccessMode.READ_WRITE)
                    .close();
        }
        long home = runtime.budget().hostUsedBytes();
        assertThat(home).isEqualTo(SPANS * SPAN); // of the first buffer only
        runtime.budget().hostMemory(home);
        runtime.writeBackAhead(0.9, 1);
        Eventually.wouldHaveLooked();
        assertThat(runtime.budget().hostUsedBytes()).isEqualTo(home);
        runtime.budget().hostMemory(2 * home);
        full.becomesClean(SPANS);
        Eventually.becomes("all clean", () -> runtime.budget().hostUsedBytes() == 2 * home);
        full.check();
    }

    @ParameterizedTest
    @CsvSource({"FAIL", "ERROR", "THROW_ERROR", "BUG"})
    void copyThatFails_isMadeAgain(String how) {
        Faults.Action action = switch (how) {
            case "FAIL" -> Faults.FAIL;
            case "ERROR" -> Faults.ERROR;
            case "BUG" -> Faults.BUG;
            default -> Faults.THROW_ERROR;
        };
        Full full = full(DeviceKind.PRIVATE, SPANS);
        full.rig.faults().arm(2, action, COPY_OUT);
        full.rig.runtime().writeBackAhead(0.5, 1);
        full.becomesClean(SPANS);
        assertThat(full.rig.faults().hit()).isEqualTo(Call.COPY_OUT);
        full.check();
    }

    @Test
    void lostDevice_endsNothingElse() {
        Full full = full(DeviceKind.PRIVATE, SPANS);
        full.rig.faults().arm(1, Faults.LOSE, COPY_OUT);
        full.rig.runtime().writeBackAhead(0.5, 1);
        Eventually.becomes("lost", () -> full.rig.runtime().device().isLost());
        try (PageBuffer other = full.rig.runtime().allocate(SPAN)) {
            other.fill((byte) 1);
        }
        full.rig.runtime().close();
        assertThat(Eventually.hasThread(full.rig.runtime().background().toString()))
                .isFalse();
    }

    @Test
    void policyThatFails_isAskedInVain() {
        Rig rig = rest.open(
                (long) SPANS * SPAN,
                snapshot -> {
                    throw new IllegalStateException("a policy that fails, as the test wants");
                },
                Scene.device(DeviceKind.PRIVATE));
        Full full = new Full(rig);
        rig.runtime().writeBackAhead(0.5, 1);
        full.becomesClean(SPANS);
    }

    @Test
    void thread_isThereOnlyIfItWasAskedFor() {
        Rig plain = rest.open(Scene.device(DeviceKind.PRIVATE));
        assertThat(plain.runtime().device().traffic().bytesOut()).isZero();
        assertThat(Eventually.hasThread(plain.runtime().background().toString()))
                .isFalse();
        PageRuntime asked;
        try (Highpage asks = Highpage.builder()
                .device(Scene.device(DeviceKind.PRIVATE))
                .writeBackAhead(0.05, 0.1)
                .open()) {
            assertThat(asks.buffers()).isEmpty();
            asked = (PageRuntime) asks;
            assertThat(Eventually.hasThread(asked.background().toString())).isTrue();
        }
        assertThat(Eventually.hasThread(asked.background().toString())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 0.1", "-0.1, 0.1", "0.1, 0.1", "0.2, 0.1", "0.5, 1.1", "NaN, 0.5", "0.5, NaN"})
    void marksThatAreNoShares_areRefused(double low, double high) {
        assertThatThrownBy(() -> Highpage.builder().writeBackAhead(low, high))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("low=" + low + " and high=" + high);
    }
}
