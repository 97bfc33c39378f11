// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.Extent;
import io.highpage.opencl.OpenClMemoryMode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What copies wait for, and what they do not wait for. */
@Tag("opencl")
class CopyQueuesTest {
    private static final int PAGES = 64;
    private static final long BYTES = PAGES * TestRuns.PAGE;

    private final Arena arena = Arena.ofShared();
    private ClContext context;
    private Extent extent;
    private MemorySegment window;

    @BeforeEach
    void open() {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(
                OpenClMemoryMode.COARSE_GRAINED_SVM.isSupported(facts.svm()),
                "the driver has no SVM");
        context = ClContext.open("opencl:test", Cl.open(), facts);
        extent = CoarseGrainedExtent.allocate(context, BYTES);
        window = arena.allocate(BYTES, TestRuns.PAGE).fill((byte) 7);
    }

    @AfterEach
    void close() {
        if (extent != null) {
            extent.free();
            context.close();
        }
        arena.close();
    }

    @Test
    void copyHome_doesNotWaitForWhatGoesToTheDevice() throws Exception {
        extent.copyIn(0, window, TestRuns.ofPages(0, PAGES));
        MemorySegment back = arena.allocate(BYTES, TestRuns.PAGE);
        MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
        MemorySegment event = opencl_h.clCreateUserEvent(context.context(), error);
        TestKernel.check("clCreateUserEvent", error.get(ValueLayout.JAVA_INT, 0));
        MemorySegment in = context.copies().in();
        TestKernel.check(
                "clEnqueueMarkerWithWaitList",
                opencl_h.clEnqueueMarkerWithWaitList(
                        in, 1, arena.allocateFrom(ValueLayout.ADDRESS, event), MemorySegment.NULL));
        TestKernel.check("clFlush", opencl_h.clFlush(in));
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            try {
                Future<?> home =
                        thread.submit(() -> extent.copyOut(0, back, TestRuns.ofPages(0, PAGES)));
                home.get(10, TimeUnit.SECONDS);
                assertThat(back.mismatch(window)).isEqualTo(-1);
            } finally {
                TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, 0));
            }
        }
        extent.copyIn(0, window, TestRuns.ofPages(0, PAGES)); // behind the marker
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }
}
