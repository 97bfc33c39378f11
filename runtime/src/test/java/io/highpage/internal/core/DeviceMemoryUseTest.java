// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.DeviceAccess;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Devices whose memory comes in ways that the host device's does not: at its first use, or one
 * extent a window.
 */
class DeviceMemoryUseTest {
    private static final long KIB = 1024;

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** Gives out what it does not have, and says so when it is used first. */
    private static final class LazyDevice extends ForwardingDevice {
        private static final long HAS = 512 * KIB;
        private long taken;

        LazyDevice() {
            super(Scene.device(DeviceKind.PRIVATE));
        }

        @Override
        public long capacityBytes() {
            return 2 * HAS;
        }

        @Override
        public Extent allocate(long byteSize) {
            return new ForwardingExtent(super.allocate(byteSize)) {
                private boolean used;

                private void use() {
                    if (!used && taken + byteSize > HAS) {
                        throw new OutOfPageMemoryException(
                                "none left for " + byteSize, true, byteSize, null);
                    }
                    taken += used ? 0 : byteSize;
                    used = true;
                }

                @Override
                public void copyIn(long base, MemorySegment window, PageRuns runs) {
                    use();
                    super.copyIn(base, window, runs);
                }

                @Override
                public void zero(long base, PageRuns runs) {
                    use();
                    super.zero(base, runs);
                }

                @Override
                public void free() {
                    taken -= used ? byteSize : 0;
                    super.free();
                }
            };
        }
    }

    /** Leaves a slab that is empty, and whose memory the device has given. */
    private static void leaveEmptySlab(Rig rig, long bytes) {
        try (PageBuffer gone = rig.runtime().allocate(bytes)) {
            assertThat(gone.prefetch(rig.runtime().device()).complete()).isTrue();
        }
        assertThat(rig.device().openExtents()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryThatIsNotThereAtItsFirstUse_isHadByGivingUpEmptySlabs(boolean written) {
        Rig rig = rest.open(new LazyDevice());
        leaveEmptySlab(rig, 300 * KIB);
        PageBuffer buffer = rig.runtime().allocate(400 * KIB);
        if (written) {
            buffer.fill((byte) 7);
        }
        MoveReport report = buffer.prefetch(rig.runtime().device());
        assertThat(report.failure()).isEmpty();
        assertThat(report.complete()).isTrue();
        assertThat(rig.device().openExtents()).isOne();
        byte[] last = new byte[1];
        buffer.read(400 * KIB - 1, MemorySegment.ofArray(last));
        assertThat(last[0]).isEqualTo((byte) (written ? 7 : 0));
    }

    @Test
    void memoryThatIsNotThereAtItsFirstUse_ofAnAccess_isHadByGivingUpEmptySlabs() {
        Rig rig = rest.open(new LazyDevice());
        leaveEmptySlab(rig, 300 * KIB);
        PageBuffer buffer = rig.runtime().allocate(400 * KIB);
        try (DeviceAccess access = buffer.access(rig.runtime().device(), AccessMode.READ_WRITE)) {
            assertThat(access.byteSize()).isEqualTo(400 * KIB);
        }
    }

    @Test
    void memoryThatIsNotThereAtAll_isNoDeviceMemory_andThePagesStay() {
        Rig rig = rest.open(new LazyDevice());
        PageBuffer first = rig.runtime().allocate(300 * KIB);
        assertThat(first.prefetch(rig.runtime().device()).complete()).isTrue();
        PageBuffer second = rig.runtime().allocate(400 * KIB);
        second.fill((byte) 7);
        MoveReport report = second.prefetch(rig.runtime().device());
        assertThat(report.failure())
                .get()
                .isInstanceOfSatisfying(
                        OutOfPageMemoryException.class,
                        full -> assertThat(full.device()).isTrue())
                .extracting(Throwable::getMessage)
                .asString()
                .contains("none left for");
        assertThat(report.outcomes().of(0)).isEqualTo(PageOutcome.NO_DEVICE_MEMORY);
        assertThat(second.residency().toString()).matches("H+");
    }

    /** Wants an extent for each window, and notes what it was asked for and where windows begin. */
    private static final class WholeDevice extends ForwardingDevice {
        private static final long MOST = 96 * KIB;
        private final List<Long> asked = new ArrayList<>();
        private final List<String> views = new ArrayList<>();

        WholeDevice() {
            super(Scene.device(DeviceKind.PRIVATE));
        }

        @Override
        public boolean windowsShareExtents() {
            return false;
        }

        @Override
        public long maxExtentBytes() {
            return MOST;
        }

        @Override
        public Extent allocate(long byteSize) {
            asked.add(byteSize);
            return new ForwardingExtent(super.allocate(byteSize)) {
                @Override
                public long address() {
                    return 0;
                }

                @Override
                public DeviceView view(long offset, long byteSize) {
                    views.add(offset + "+" + byteSize);
                    return super.view(offset, byteSize);
                }
            };
        }
    }

    @Test
    void windowsThatShareNoExtent_getOneEach_ofExactlyTheirSize() {
        WholeDevice device = new WholeDevice();
        Rig rig = rest.open(device);
        assertThat(rig.runtime().device().maxBufferBytes()).isEqualTo(WholeDevice.MOST);
        for (long bytes : new long[] {WholeDevice.MOST, 4 * KIB, 8 * KIB, 4 * KIB}) {
            PageBuffer buffer = rig.runtime().allocate(bytes);
            try (DeviceAccess access =
                    buffer.access(rig.runtime().device(), AccessMode.READ_WRITE)) {
                assertThat(access.byteSize()).isEqualTo(bytes);
            }
        }
        assertThat(device.asked).containsExactly(WholeDevice.MOST, 4 * KIB, 8 * KIB, 4 * KIB);
        assertThat(device.views)
                .containsExactly("0+" + WholeDevice.MOST, "0+4096", "0+8192", "0+4096");
    }

    @Test
    void windowsThatShareNoExtent_areReusedWhereTheSizeIsTheSame() {
        WholeDevice device = new WholeDevice();
        Rig rig = rest.open(device);
        for (long bytes : new long[] {8 * KIB, 4 * KIB, 8 * KIB, 4 * KIB}) {
            try (PageBuffer buffer = rig.runtime().allocate(bytes)) {
                assertThat(buffer.prefetch(rig.runtime().device()).complete()).isTrue();
            }
        }
        assertThat(device.asked).containsExactly(8 * KIB, 4 * KIB);
        assertThat(rig.runtime().device().usedBytes()).isZero();
    }
}
