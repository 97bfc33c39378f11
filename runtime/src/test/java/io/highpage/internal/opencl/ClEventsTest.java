// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceException;
import io.highpage.bindings.opencl.opencl_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Waiting when the driver's waiting fails. */
class ClEventsTest {
    private Cl cl;
    private MemorySegment context;
    private MemorySegment event;

    @BeforeEach
    void makeEvent() {
        ClDeviceFacts facts = RequireOpenCl.device();
        cl = Cl.open();
        context = cl.createContext(facts.platform(), facts.device());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
            event = opencl_h.clCreateUserEvent(context, error);
            TestKernel.check("clCreateUserEvent", error.get(ValueLayout.JAVA_INT, 0));
        }
    }

    @AfterEach
    void releaseEvent() {
        if (event != null) {
            cl.releaseEvent(event);
            cl.releaseContext(context);
        }
    }

    private void end(int status) {
        TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, status));
    }

    @Test
    void waitsThatFail_areRepeatedUntilTheCommandHasEnded() throws Exception {
        AtomicInteger waits = new AtomicInteger();
        Cl broken = Cl.open(call -> {
            if (!call.equals("clWaitForEvents")) {
                return 0;
            }
            waits.incrementAndGet();
            return CL_OUT_OF_HOST_MEMORY();
        });
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> ClEvents.await(broken, event, "work"));
        while (waits.get() < 5 && !waiting.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(waiting).isNotDone();
        end(0);
        waiting.get(10, TimeUnit.SECONDS);
    }

    @Test
    void statusThatCannotBeAsked_isTakenFromTheWait() {
        Cl broken = Cl.open(call -> call.equals("clGetEventInfo") ? CL_OUT_OF_HOST_MEMORY() : 0);
        end(CL_OUT_OF_RESOURCES());
        assertThatThrownBy(() -> ClEvents.await(broken, event, "work"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("work failed with CL_");
    }

    @Test
    void neitherWaitNorStatus_isAFailureThatNamesBoth() {
        Cl broken = Cl.open(call -> CL_OUT_OF_HOST_MEMORY());
        end(0);
        assertThatThrownBy(() -> ClEvents.await(broken, event, "work"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("clWaitForEvents failed with CL_OUT_OF_HOST_MEMORY (-6)")
                .hasMessageContaining("clGetEventInfo");
    }
}
