// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_EVENT_REFERENCE_COUNT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.lang.foreign.MemorySegment.NULL;

import io.highpage.bindings.opencl.opencl_h;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.testkit.Eventually;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** To be told that the command of an event has ended. */
@Tag("opencl")
class EventCompletionTest {
    private final Arena arena = Arena.ofShared();
    private final CountDownLatch told = new CountDownLatch(1);
    private volatile String failing = "";
    private volatile int code = CL_OUT_OF_HOST_MEMORY();
    private ClContext context;
    private MemorySegment event;
    private EventCompletion completion;

    @BeforeEach
    void makeEvent() {
        ClDeviceFacts facts = FirstDevice.device();
        Cl cl = Cl.open(call -> call.equals(failing) || failing.equals("all") ? code : 0);
        context = ClContext.open("opencl:test", cl, facts);
        MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
        event = opencl_h.clCreateUserEvent(context.context(), error);
        TestKernel.check("clCreateUserEvent", error.get(ValueLayout.JAVA_INT, 0));
        completion = EventCompletion.retain(context, event);
    }

    @AfterEach
    void release() {
        if (event != null) {
            completion.drop();
            // NVIDIA's driver waits for one that nobody ended when its context goes.
            int ended = opencl_h.clSetUserEventStatus(event, 0);
            TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
            context.close();
        }
        arena.close();
    }

    private void end(int status) {
        TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, status));
    }

    private int references() {
        MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
        opencl_h.clGetEventInfo(event, CL_EVENT_REFERENCE_COUNT(), 4, count, NULL);
        return count.get(ValueLayout.JAVA_INT, 0);
    }

    private boolean wasTold() throws InterruptedException {
        return told.await(60, TimeUnit.SECONDS);
    }

    @Test
    void end_isTold_andTheWaitThenReturns() throws Exception {
        int waiting = EventNotices.count();
        assertThat(completion.whenEnded(told::countDown)).isTrue();
        assertThat(told.getCount()).isEqualTo(1);
        Thread.ofPlatform().start(() -> end(0)).join();
        assertThat(wasTold()).isTrue();
        completion.await();
        // Who tells forgets afterwards.
        Eventually.becomes("forgotten", () -> EventNotices.count() <= waiting);
    }

    @Test
    void failure_isTold_andTheWaitThenThrowsIt() throws Exception {
        assertThat(completion.whenEnded(told::countDown)).isTrue();
        end(-30);
        assertThat(wasTold()).isTrue();
        assertThatThrownBy(completion::await)
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("CL_INVALID_VALUE (-30)");
    }

    @Test
    void endThatHasBeen_isTold() throws Exception {
        end(0);
        assertThat(completion.whenEnded(told::countDown)).isTrue();
        assertThat(wasTold()).isTrue();
        completion.await();
        CountDownLatch again = new CountDownLatch(1);
        assertThat(completion.whenEnded(again::countDown)).isTrue();
        assertThat(again.getCount()).isZero();
    }

    @Test
    void commandThatNobodyHasBegun_isBegun_andItsEndTold() throws Exception {
        end(0);
        MemorySegment made = arena.allocate(ValueLayout.ADDRESS);
        TestKernel.check(
                "clEnqueueMarkerWithWaitList",
                opencl_h.clEnqueueMarkerWithWaitList(context.queue(), 0, NULL, made));
        MemorySegment marker = made.get(ValueLayout.ADDRESS, 0);
        EventCompletion ofMarker = EventCompletion.retain(context, marker);
        assertThat(ofMarker.whenEnded(told::countDown)).isTrue();
        assertThat(wasTold()).isTrue();
        ofMarker.await();
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(marker));
    }

    @Test
    void endOfWhichTheDriverCannotTell_isSeen() throws Exception {
        for (String call : new String[] {"clSetEventCallback", "clGetEventInfo", "clFlush"}) {
            failing = call;
            assertThat(completion.whenEnded(told::countDown)).isTrue();
        }
        failing = "";
        assertThat(told.getCount()).isEqualTo(1);
        end(0);
        assertThat(wasTold()).isTrue();
        completion.await();
    }

    @Test
    void deviceThatDied_isSeen_thoughItTellsNothing() throws Exception {
        assertThat(completion.whenEnded(told::countDown)).isTrue();
        code = -9999;
        failing = "all";
        assertThat(wasTold()).isTrue();
        assertThatThrownBy(completion::await).isInstanceOf(DeviceLostException.class);
        failing = "";
        end(0);
    }

    @Test
    void waitThatLearnsTheEnd_tellsIt_thoughNoCallbackComes() throws Exception {
        int waiting = EventNotices.count();
        assertThat(completion.whenEnded(told::countDown)).isTrue();
        CountDownLatch other = new CountDownLatch(1);
        assertThat(completion.whenEnded(other::countDown)).isTrue();
        CompletableFuture<Void> wait = CompletableFuture.runAsync(completion::await);
        end(0);
        wait.get(60, TimeUnit.SECONDS);
        assertThat(wasTold()).isTrue();
        assertThat(other.await(60, TimeUnit.SECONDS)).isTrue();
        // Who tells forgets afterwards.
        Eventually.becomes("forgotten", () -> EventNotices.count() <= waiting);
    }

    @Test
    void whoDoesNotWantToBeToldAnyMore_isNot_andTheEventIsGivenBackWhenItEnds() throws Exception {
        int before = references();
        CountDownLatch other = new CountDownLatch(1);
        Runnable mine = told::countDown;
        assertThat(completion.whenEnded(mine)).isTrue();
        completion.forget(mine);
        completion.forget(mine);
        completion.forget(other::countDown); // never asked
        end(0);
        // The thread that looks has been there.
        Eventually.becomes("given back", () -> references() < before);
        assertThat(told.getCount()).isEqualTo(1);
        assertThat(completion.whenEnded(other::countDown)).isTrue();
        assertThat(other.getCount()).isZero();
        completion.await();
    }

    /** A future that is cancelled before a thread has come to it, for instance. */
    @Test
    void whoWasTold_andDoesNotWait_givesTheEventBackToo() throws Exception {
        int before = references();
        Runnable mine = told::countDown;
        assertThat(completion.whenEnded(mine)).isTrue();
        end(0);
        assertThat(wasTold()).isTrue();
        completion.forget(mine);
        Eventually.becomes("given back", () -> references() < before);
    }

    @Test
    void commandThatFails_isNotLookedAtForEver() throws Exception {
        int waiting = EventNotices.count();
        Runnable mine = told::countDown;
        assertThat(completion.whenEnded(mine)).isTrue();
        int asked = references(); // a driver that tells of no failure may keep one for good
        completion.forget(mine);
        end(-5);
        Eventually.becomes("given back", () -> references() < asked);
        Eventually.becomes("forgotten", () -> EventNotices.count() <= waiting);
    }

    @Test
    void referenceThatWasGivenBack_isNotTakenForTheEnd() {
        completion.drop();
        assertThat(completion.whenEnded(told::countDown)).isFalse();
        assertThatThrownBy(completion::await).isInstanceOf(DeviceWaitException.class);
    }
}
