// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highpage.device.Extent;
import io.highpage.internal.opencl.ClFaults;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.opencl.CopyWays;
import io.highpage.internal.opencl.TestRuns;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The same where private memory is copied by calls that block. */
@Tag("opencl")
class OpenClBlockingFailureTest extends OpenClFailureTest {
    @RegisterExtension
    static final CopyWays WAY = new CopyWays(CopyWay.BLOCKING);

    private static void copyOut(
            OpenClMemoryMode mode, boolean finishes, Consumer<Throwable> check) {
        AtomicReference<ClFaults> faults = new AtomicReference<>(ClFaults.NONE);
        Extent extent = copies(mode, faults);
        faults.set(call ->
                copies(call) || !finishes && call.equals("clFinish") ? CL_OUT_OF_HOST_MEMORY() : 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(TestRuns.PAGE);
            check.accept(catchThrowable(() -> extent.copyOut(0, window, TestRuns.ofPages(0, 1))));
        }
        extent.free();
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void blockingCall_thatFails_onAQueueThatCannotBeFinished_mayStillRun(OpenClMemoryMode mode) {
        copyOut(
                mode,
                false,
                failed -> assertThat(failed)
                        .isInstanceOfSatisfying(
                                DeviceLostException.class,
                                lost -> assertThat(lost.mayStillRun()).isTrue())
                        .hasMessageContaining(
                                "may still run: it failed while it blocked, and clFinish"
                                        + " failed with CL_OUT_OF_HOST_MEMORY (-6)"));
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void blockingCall_thatFails_onAQueueThatIsIdleThen_isAFailureAsAnyOther(OpenClMemoryMode mode) {
        copyOut(
                mode,
                true,
                failed -> assertThat(failed).isInstanceOf(OutOfPageMemoryException.class));
    }
}
