// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_CONTEXT_REFERENCE_COUNT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EVENT_REFERENCE_COUNT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_QUEUE_REFERENCE_COUNT;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.lang.foreign.MemorySegment.NULL;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.Completion;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.internal.opencl.TestRuns;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Eventually;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;

/** A device over a context and a queue that the program made itself, and events of that context. */
@Tag("opencl")
class OwnContextTest {
    private Arena arena;
    private ClDeviceFacts facts;
    private MemorySegment context;
    private MemorySegment queue;

    @BeforeEach
    void makeContext() {
        facts = FirstDevice.device();
        arena = Arena.ofConfined();
        MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
        MemorySegment devices = arena.allocateFrom(ValueLayout.ADDRESS, facts.device());
        context = opencl_h.clCreateContext(NULL, 1, devices, NULL, NULL, error);
        TestKernel.check("clCreateContext", error.get(ValueLayout.JAVA_INT, 0));
        queue = opencl_h.clCreateCommandQueue(context, facts.device(), 0, error);
        TestKernel.check("clCreateCommandQueue", error.get(ValueLayout.JAVA_INT, 0));
    }

    @AfterEach
    void releaseContext() {
        if (queue != null) {
            TestKernel.check("clReleaseCommandQueue", opencl_h.clReleaseCommandQueue(queue));
            TestKernel.check("clReleaseContext", opencl_h.clReleaseContext(context));
            arena.close();
        }
    }

    private int contextReferences() {
        MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
        opencl_h.clGetContextInfo(context, CL_CONTEXT_REFERENCE_COUNT(), 4, count, NULL);
        return count.get(ValueLayout.JAVA_INT, 0);
    }

    private int queueReferences() {
        MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
        opencl_h.clGetCommandQueueInfo(queue, CL_QUEUE_REFERENCE_COUNT(), 4, count, NULL);
        return count.get(ValueLayout.JAVA_INT, 0);
    }

    private int eventReferences(MemorySegment event) {
        MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
        opencl_h.clGetEventInfo(event, CL_EVENT_REFERENCE_COUNT(), 4, count, NULL);
        return count.get(ValueLayout.JAVA_INT, 0);
    }

    /** A driver's thread may be at giving back the last command's for a moment more. */
    private static void givenBack(String what, int before, IntSupplier references) {
        Eventually.becomes(what + " given back", () -> references.getAsInt() <= before);
        assertThat(references.getAsInt()).isEqualTo(before);
    }

    private MemorySegment userEvent() {
        MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
        MemorySegment event = opencl_h.clCreateUserEvent(context, error);
        TestKernel.check("clCreateUserEvent", error.get(ValueLayout.JAVA_INT, 0));
        return event;
    }

    @Test
    void ownContext_isRetainedWhileInUse_andGivenBack() {
        int contextBefore = contextReferences();
        int queueBefore = queueReferences();
        try (OpenClDevice device = OpenClDevice.of(context, facts.device(), queue)) {
            assertThat(contextReferences()).isGreaterThan(contextBefore);
            assertThat(queueReferences()).isGreaterThan(queueBefore);
            assertThat(device.context().address()).isEqualTo(context.address());
            assertThat(device.queue().address()).isEqualTo(queue.address());
            Extent extent = device.allocate(TestRuns.PAGE);
            extent.zero(0, TestRuns.ofPages(0, 1));
            try (TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
                DeviceView view = extent.view(0, TestRuns.PAGE);
                kernel.add(view, 6, TestRuns.PAGE / 4);
                view.release().run();
            }
            MemorySegment back = arena.allocate(TestRuns.PAGE);
            extent.copyOut(0, back, TestRuns.ofPages(0, 1));
            assertThat(back.toArray(ValueLayout.JAVA_INT)).containsOnly(6);
            extent.free();
        }
        givenBack("context", contextBefore, this::contextReferences);
        givenBack("queue", queueBefore, this::queueReferences);
    }

    @Test
    void ownContext_withoutAMode_getsTheBestThatItHas() {
        OpenClMemoryMode best = OpenClMemoryMode.BUFFER;
        for (OpenClMemoryMode mode : OpenClMemoryMode.values()) {
            if (mode.isSupported(facts.svm())) {
                best = mode;
                break;
            }
        }
        try (OpenClDevice device =
                OpenClDevice.of(context.address(), facts.device().address(), queue.address())) {
            assertThat(device.mode()).isEqualTo(best);
        }
    }

    @Test
    void ownContext_givenAsNumbers_withAMode() {
        try (OpenClDevice device = OpenClDevice.of(
                context.address(),
                facts.device().address(),
                queue.address(),
                OpenClMemoryMode.BUFFER)) {
            assertThat(device.mode()).isEqualTo(OpenClMemoryMode.BUFFER);
            assertThat(device.name()).isEqualTo("opencl:own");
        }
    }

    @Test
    void wrongHandles_areRefused() {
        MemorySegment device = facts.device();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.of(NULL, device, queue))
                .withMessage("the context is NULL: never made, or released already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.of(queue, device, queue))
                .withMessageContaining("another context");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.of(context, context, queue))
                .withMessageContaining("another device");
    }

    @Test
    void anyCall_failingWhileOpening_leavesTheCallersReferencesAlone() {
        int contextBefore = contextReferences();
        int queueBefore = queueReferences();
        FaultAt fault = new FaultAt(1, CL_OUT_OF_RESOURCES());
        for (int n = 2; ; n++) {
            try (OpenClDevice device =
                    OpenClDevice.of(Cl.open(fault), context, facts.device(), queue, null)) {
                assertThat(device.mode()).isNotNull();
            } catch (HighpageException failure) {
                assertThat(failure).hasMessageContaining(fault.failed());
            }
            givenBack("context", contextBefore, this::contextReferences);
            givenBack("queue", queueBefore, this::queueReferences);
            assertThat(fault.live()).isEmpty();
            if (!fault.hasFired()) {
                return;
            }
            fault = new FaultAt(n, CL_OUT_OF_RESOURCES());
        }
    }

    @Test
    void completion_ofAUserEvent_waitsForIt() throws Exception {
        MemorySegment event = userEvent();
        int before = eventReferences(event);
        try (OpenClDevice device = OpenClDevice.of(context, facts.device(), queue)) {
            Completion completion = device.completion(event);
            assertThat(eventReferences(event)).isEqualTo(before + 1);
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(completion::await);
            assertThatThrownBy(() -> waiting.get(50, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, 0));
            waiting.get(60, TimeUnit.SECONDS);
            completion.await(); // has ended, stays so
            assertThat(eventReferences(event)).isEqualTo(before);
        }
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    @Test
    void completion_ofAFailedEvent_tellsWhichCode() {
        MemorySegment event = userEvent();
        int before = eventReferences(event);
        try (OpenClDevice device = OpenClDevice.of(context, facts.device(), queue)) {
            Completion completion = device.completion(event);
            TestKernel.check(
                    "clSetUserEventStatus",
                    opencl_h.clSetUserEventStatus(event, CL_OUT_OF_RESOURCES()));
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(completion::await)
                        .isInstanceOf(DeviceException.class)
                        .hasMessage("the command of the event failed: its execution status is -5"
                                + " (if that is a result"
                                + " code: CL_OUT_OF_RESOURCES (-5))");
            }
            assertThat(eventReferences(event)).isEqualTo(before);
        }
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    @Test
    void completion_ofAKernel_isAfterItsWork() {
        try (OpenClDevice device = OpenClDevice.of(context, facts.device(), queue);
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
            Extent extent = device.allocate(TestRuns.PAGE);
            extent.zero(0, TestRuns.ofPages(0, 1));
            DeviceView view = extent.view(0, TestRuns.PAGE);
            MemorySegment event = kernel.launchAdd(view, 5, TestRuns.PAGE / 4);
            Completion completion = device.completion(event);
            TestKernel.check(
                    "clReleaseEvent",
                    opencl_h.clReleaseEvent(event)); // the completion has its own reference
            completion.await();
            view.release().run();
            MemorySegment back = arena.allocate(TestRuns.PAGE);
            extent.copyOut(0, back, TestRuns.ofPages(0, 1));
            assertThat(back.toArray(ValueLayout.JAVA_INT)).containsOnly(5);
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource
    void argumentsAndEvents_whoseCallFails_nameIt_andLeaveTheAccessOpen(OpenClMemoryMode mode) {
        assumeTrue(mode.isSupported(facts.svm()), "the driver has no " + mode);
        AtomicReference<String> failing = new AtomicReference<>("");
        Cl cl = Cl.open(call -> call.equals(failing.get()) ? CL_OUT_OF_RESOURCES() : 0);
        MemorySegment event = userEvent();
        int before = eventReferences(event);
        OpenClDevice device = OpenClDevice.of(cl, context, facts.device(), queue, mode);
        try (Highpage highpage = Highpage.builder().device(device).open();
                PageBuffer buffer = highpage.allocate(TestRuns.PAGE);
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add");
                DeviceAccess access = buffer.access(highpage.device(), AccessMode.READ_WRITE)) {
            String set =
                    mode == OpenClMemoryMode.BUFFER ? "clSetKernelArg" : "clSetKernelArgSVMPointer";
            for (String call : new String[] {"clGetKernelInfo", set}) {
                failing.set(call);
                assertThatThrownBy(() -> OpenClDevice.setArgument(kernel.address(), 0, access))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageStartingWith(call + " failed with CL_OUT_OF_RESOURCES (-5)");
            }
            for (String call : new String[] {"clGetEventInfo", "clRetainEvent"}) {
                failing.set(call);
                assertThatThrownBy(() -> OpenClDevice.completesWith(access, event.address()))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageStartingWith(call + " failed with CL_OUT_OF_RESOURCES (-5)");
            }
            failing.set("");
            assertThat(eventReferences(event)).isEqualTo(before);
            OpenClDevice.setArgument(kernel.address(), 0, access);
        }
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    @Test
    void eventThatAnAccessRefuses_keepsNoReference() {
        MemorySegment event = userEvent();
        int before = eventReferences(event);
        int contextBefore = contextReferences();
        OpenClDevice device = OpenClDevice.of(context, facts.device(), queue);
        try (Highpage highpage = Highpage.builder().device(device).open();
                PageBuffer buffer = highpage.allocate(TestRuns.PAGE)) {
            DeviceAccess access = buffer.access(highpage.device(), AccessMode.READ_WRITE);
            access.close();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> OpenClDevice.completesWith(access, event.address()))
                        .isInstanceOf(IllegalStateException.class);
            }
            assertThat(eventReferences(event)).isEqualTo(before);
        }
        givenBack("context", contextBefore, this::contextReferences);
        TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, 0));
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    @Test
    void completion_whoseWaitFails_canBeAwaitedAgain() {
        AtomicReference<String> failing = new AtomicReference<>("");
        Cl cl = Cl.open(call -> call.matches(failing.get()) ? CL_OUT_OF_HOST_MEMORY() : 0);
        MemorySegment event = userEvent();
        int before = eventReferences(event);
        try (OpenClDevice device = OpenClDevice.of(cl, context, facts.device(), queue, null)) {
            Completion completion = device.completion(event);
            failing.set("clWaitForEvents|clGetEventInfo");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(completion::await)
                        .isInstanceOf(DeviceWaitException.class)
                        .hasMessageStartingWith(
                                "it is not known whether the work of an event on device"
                                        + " opencl:own has"
                                        + " ended: clWaitForEvents returned"
                                        + " CL_OUT_OF_HOST_MEMORY (-6) and clGetEventInfo");
            }
            failing.set("");
            assertThat(eventReferences(event)).isEqualTo(before + 1);
            TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, 0));
            completion.await();
            completion.await();
            assertThat(eventReferences(event)).isEqualTo(before);
        }
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    @Test
    void completion_awaitedByManyAtOnce_givesTheEventBackOnce() throws Exception {
        MemorySegment event = userEvent();
        int before = eventReferences(event);
        try (OpenClDevice device = OpenClDevice.of(context, facts.device(), queue);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Completion completion = device.completion(event);
            List<Future<?>> waiting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                waiting.add(threads.submit(completion::await));
            }
            Thread.sleep(20);
            TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, 0));
            for (Future<?> thread : waiting) {
                thread.get(60, TimeUnit.SECONDS);
            }
            assertThat(eventReferences(event)).isEqualTo(before);
        }
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    /**
     * A command in the program's queue that waits for an event of the program's holds up nothing
     * but that queue.
     */
    @ParameterizedTest
    @EnumSource
    void programsQueueThatWaits_holdsUpNoOtherPages(OpenClMemoryMode mode) throws Exception {
        assumeTrue(mode.isSupported(facts.svm()), "the driver has no " + mode);
        assumeFalse(
                facts.platformName().equals("rusticl"),
                "clFinish of Mesa's driver waits for no marker");
        MemorySegment event = userEvent();
        OpenClDevice device = OpenClDevice.of(context, facts.device(), queue, mode);
        try (Highpage highpage = Highpage.builder().device(device).open();
                PageBuffer used = highpage.allocate(TestRuns.PAGE);
                PageBuffer other = highpage.allocate(TestRuns.PAGE);
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            other.range(0, TestRuns.PAGE).fill((byte) 7);
            other.access(highpage.device(), AccessMode.READ_WRITE).close();
            DeviceAccess access = used.range(0, TestRuns.PAGE)
                    .access(Terms.defaults().shared(), highpage.device());
            TestKernel.check(
                    "clEnqueueMarkerWithWaitList",
                    opencl_h.clEnqueueMarkerWithWaitList(
                            queue, 1, arena.allocateFrom(ValueLayout.ADDRESS, event), NULL));
            TestKernel.check("clFlush", opencl_h.clFlush(queue));
            Future<?> closing;
            try {
                Future<Boolean> pinned = thread.submit(() -> {
                    try (Pin pin = other.pin(Pin.longTerm().deadline(Duration.ofSeconds(5)))) {
                        return pin.segment().get(ValueLayout.JAVA_BYTE, 77) == 7;
                    }
                });
                assertThat(pinned.get(60, TimeUnit.SECONDS)).isTrue();
                closing = thread.submit(access::close); // told of nothing: it waits for the queue
                assertThatThrownBy(() -> closing.get(50, TimeUnit.MILLISECONDS))
                        .isInstanceOf(java.util.concurrent.TimeoutException.class);
            } finally {
                TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, 0));
            }
            closing.get(60, TimeUnit.SECONDS);
        }
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }
}
