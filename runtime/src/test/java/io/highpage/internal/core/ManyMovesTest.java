// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.os.ProcFile;
import io.highpage.outcome.MoveReport;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many operations that move pages at once, behind a driver that lets them wait. */
@Timeout(300)
class ManyMovesTest {
    private static final int MOVES = 10_000;

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** Its copies begin and do not end until it is told. */
    private static final class Waiting extends ForwardingDevice {
        private final CountDownLatch begun = new CountDownLatch(MOVES);
        private final CountDownLatch goOn = new CountDownLatch(1);

        Waiting() {
            super(Scene.device(DeviceKind.COHERENT));
        }

        @Override
        public Extent allocate(long byteSize) {
            return new ForwardingExtent(super.allocate(byteSize)) {
                @Override
                public void copyIn(long base, MemorySegment window, PageRuns runs) {
                    begun.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException interrupted) {
                        throw new AssertionError(interrupted);
                    }
                    super.copyIn(base, window, runs);
                }
            };
        }
    }

    @Test
    void prefetch_byTenThousandAtOnce_takesLittleMemoryAndCopiesRight() throws Exception {
        Waiting device = new Waiting();
        PageRuntime runtime = rest.openPlain(device);
        PageBuffer buffer = runtime.allocate((long) MOVES * 4 * Scene.PAGE);
        byte[] page = new byte[Scene.PAGE];
        for (int i = 0; i < 4 * MOVES; i++) {
            page[0] = (byte) i;
            page[1] = (byte) (i >> 8);
            buffer.write((long) i * Scene.PAGE, MemorySegment.ofArray(page));
        }
        long used = usedAfterCollection();
        long before = ProcFile.statusBytes("VmRSS:").orElse(0);
        try (ExecutorService movers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<MoveReport>> moves = new ArrayList<>();
            for (int i = 0; i < MOVES; i++) {
                long at = i * 4L * Scene.PAGE;
                moves.add(movers.submit(
                        () -> buffer.range(at, 3 * Scene.PAGE).prefetch(runtime.device())));
            }
            device.begun.await();
            long grown = ProcFile.statusBytes("VmRSS:").orElse(0) - before;
            long heap = usedAfterCollection() - used;
            device.goOn.countDown();
            for (Future<MoveReport> move : moves) {
                assertThat(move.get().movedPages()).isEqualTo(3);
            }
            System.out.printf(
                    "moves: %,d at once took %,d KiB, %,d KiB of them heap%n",
                    MOVES, grown >> 10, heap >> 10);
            // The heap may have grown as far as it is now, whoever uses it.
            assertThat(grown)
                    .as("resident bytes more")
                    .isLessThan((250L << 20) + Runtime.getRuntime().totalMemory());
            assertThat(heap).as("bytes more of the heap").isLessThan(250L << 20);
        }
        // Others leave garbage too, some of which waits for more than one collection.
        Eventually.becomes("little is kept", () -> usedAfterCollection() - used < 10L << 20);
        for (int i = 0; i < 4 * MOVES; i++) {
            byte[] read = new byte[2];
            buffer.read((long) i * Scene.PAGE, MemorySegment.ofArray(read));
            assertThat(read).isEqualTo(new byte[] {(byte) i, (byte) (i >> 8)});
        }
    }

    private static long usedAfterCollection() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
