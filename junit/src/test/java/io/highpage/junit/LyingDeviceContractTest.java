// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.host.HostDevice;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.testkit.engine.EngineTestKit;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;

/** The contract finds out every kind of lie, above all those that no runtime can notice. */
class LyingDeviceContractTest {
    private static Lie lie;

    /** What a device says that is not so, and the test of the contract that tells. */
    private enum Lie {
        NO_MEMORY("device_opened_describesItself"),
        SHORT_EXTENT("extents_ofManySizes_areLargeEnoughAndApart"),
        SAME_EXTENT_TWICE("extents_ofManySizes_areLargeEnoughAndApart"),
        LAST_RUN_NOT_COPIED_IN("runs_copiedInAndOut_areExactlyThoseBytes"),
        LAST_RUN_NOT_COPIED_OUT("runs_copiedInAndOut_areExactlyThoseBytes"),
        LAST_RUN_NOT_ZEROED("runs_zeroed_areZeroAndNothingElseIs"),
        COPIED_IN_LATER("run_largerThanCaches_arrivesWhole"),
        BASE_IGNORED("parts_ofAnExtent_doNotTouchEachOther"),
        VIEW_OF_ANOTHER_RANGE("view_ofARange_isWhatTheKindSays"),
        IDLE_WHILE_AT_WORK("close_ofAnAccess_waitsForWorkInTheDevicesOwnQueue");

        private final String caughtBy;

        Lie(String caughtBy) {
            this.caughtBy = caughtBy;
        }
    }

    @Tag("sample")
    static class Sample implements DeviceContract {
        @Override
        public DeviceMemory openDevice() {
            return new Liar();
        }

        @Override
        public Runnable beginWork(DeviceAccess access) {
            CountDownLatch work = new CountDownLatch(1);
            ((Liar) access.device().memory()).work = work;
            return work::countDown;
        }
    }

    @ParameterizedTest
    @EnumSource
    void contract_ofALyingDevice_isNotKept(Lie told) {
        lie = told;
        assertThat(EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(Sample.class))
                        .execute()
                        .testEvents()
                        .failed()
                        .list())
                .extracting(event -> event.getTestDescriptor().getLegacyReportingName())
                .contains(told.caughtBy + "()");
    }

    /** A coherent host device that lies in one thing. */
    private static final class Liar extends ForwardingDevice {
        private Extent first;
        private volatile CountDownLatch work = new CountDownLatch(0);

        Liar() {
            super(HostDevice.coherent(1L << 30));
        }

        @Override
        public long capacityBytes() {
            return lie == Lie.NO_MEMORY ? 0 : super.capacityBytes();
        }

        @Override
        public synchronized Extent allocate(long byteSize) {
            if (lie == Lie.SAME_EXTENT_TWICE && byteSize > 0 && byteSize <= maxExtentBytes()) {
                first = first == null ? super.allocate(Math.max(byteSize, 64L << 20)) : first;
                return new LyingExtent(first);
            }
            return new LyingExtent(super.allocate(
                    lie == Lie.SHORT_EXTENT && byteSize > 1 ? byteSize - 1 : byteSize));
        }

        @Override
        public void quiesce() {
            try {
                if (lie != Lie.IDLE_WHILE_AT_WORK) {
                    work.await();
                }
            } catch (InterruptedException failed) {
                throw new AssertionError(failed);
            }
        }

        @Override
        public synchronized void close() {
            if (first != null) {
                first.free();
                first = null;
            }
            super.close();
        }
    }

    private static final class LyingExtent extends ForwardingExtent {
        private Runnable later;

        LyingExtent(Extent inner) {
            super(inner);
        }

        @Override
        public DeviceView view(long offset, long byteSize) {
            return super.view(lie == Lie.VIEW_OF_ANOTHER_RANGE ? 0 : offset, byteSize);
        }

        private static long at(long base) {
            return lie == Lie.BASE_IGNORED ? 0 : base;
        }

        /** {@return the runs that it works on, when it should on all of them} */
        private static PageRuns told(PageRuns runs, Lie inPart) {
            if (lie != inPart || runs.count() == 0) {
                return runs;
            }
            long[] fewer = new long[2 * (runs.count() - 1)];
            for (int run = 0; run < runs.count() - 1; run++) {
                fewer[2 * run] = runs.offset(run);
                fewer[2 * run + 1] = runs.bytes(run);
            }
            return Runs.of(fewer);
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            Runnable copy =
                    () -> super.copyIn(at(base), window, told(runs, Lie.LAST_RUN_NOT_COPIED_IN));
            if (lie != Lie.COPIED_IN_LATER) {
                copy.run();
                return;
            }
            // Safe, unlike a copy by another thread: at the next call or never.
            if (later != null) {
                later.run();
            }
            later = copy;
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            super.copyOut(at(base), window, told(runs, Lie.LAST_RUN_NOT_COPIED_OUT));
        }

        @Override
        public void zero(long base, PageRuns runs) {
            super.zero(at(base), told(runs, Lie.LAST_RUN_NOT_ZEROED));
        }

        @Override
        public void free() {
            if (lie != Lie.SAME_EXTENT_TWICE) {
                super.free();
            }
        }
    }
}
