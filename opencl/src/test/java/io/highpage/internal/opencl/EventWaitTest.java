// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_COMPLETE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.bindings.opencl.opencl_h;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Waiting when the driver's waiting fails. */
class EventWaitTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final Arena arena = Arena.ofShared();
    private Cl cl;
    private MemorySegment context;
    private MemorySegment event;

    @BeforeEach
    void makeEvent() {
        ClDeviceFacts facts = FirstDevice.device();
        cl = Cl.open();
        context = cl.createContext(facts.platform(), facts.device(), MemorySegment.NULL, 0);
        MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
        event = opencl_h.clCreateUserEvent(context, error);
        TestKernel.check("clCreateUserEvent", error.get(ValueLayout.JAVA_INT, 0));
    }

    @AfterEach
    void releaseEvent() {
        if (event != null) {
            cl.releaseEvent(event);
            cl.releaseContext(context);
        }
        arena.close();
    }

    private MemorySegment listed() {
        return arena.allocateFrom(ValueLayout.ADDRESS, event);
    }

    private void end(int status) {
        TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, status));
    }

    private EventWait wait(ClFaults faults, Duration patience) {
        return new EventWait(Cl.open(faults), arena.allocate(EventWait.STATUS), patience);
    }

    @Test
    void waitsThatFail_areRepeatedUntilTheCommandHasEnded() throws Exception {
        AtomicInteger waits = new AtomicInteger();
        EventWait wait = wait(
                call -> {
                    if (!call.equals("clWaitForEvents")) {
                        return 0;
                    }
                    waits.incrementAndGet();
                    return CL_OUT_OF_HOST_MEMORY();
                },
                LONG);
        CompletableFuture<Integer> waiting =
                CompletableFuture.supplyAsync(() -> wait.await(listed()));
        while (waits.get() < 5 && !waiting.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(waiting).isNotDone();
        end(0);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(CL_COMPLETE());
    }

    @Test
    void waitAndStatusThatFailTogether_areNotTakenForTheEnd() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        EventWait wait =
                wait(call -> calls.incrementAndGet() <= 10 ? CL_OUT_OF_HOST_MEMORY() : 0, LONG);
        CompletableFuture<Integer> waiting =
                CompletableFuture.supplyAsync(() -> wait.await(listed()));
        while (calls.get() < 11 && !waiting.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(waiting).isNotDone();
        end(-7);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(-7);
    }

    @Test
    void errorsThatTheWaitThrows_areNotTakenForTheEnd() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        EventWait wait = wait(
                call -> {
                    if (calls.incrementAndGet() <= 5) {
                        throw new StackOverflowError();
                    }
                    return 0;
                },
                LONG);
        CompletableFuture<Integer> waiting =
                CompletableFuture.supplyAsync(() -> wait.await(listed()));
        while (calls.get() < 6 && !waiting.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(waiting).isNotDone();
        end(0);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(CL_COMPLETE());
    }

    @Test
    void statusThatCannotBeAsked_isTakenFromTheWait() {
        EventWait wait =
                wait(call -> call.equals("clGetEventInfo") ? CL_OUT_OF_HOST_MEMORY() : 0, LONG);
        end(CL_OUT_OF_RESOURCES());
        assertThat(wait.await(listed())).isNegative();
    }

    @Test
    void neitherWaitNorStatus_isUnknownInTheEnd() {
        EventWait wait = wait(call -> CL_OUT_OF_HOST_MEMORY(), SHORT);
        end(0);
        assertThat(wait.await(listed())).isEqualTo(EventWait.UNKNOWN);
        assertThat(wait.text())
                .isEqualTo("clWaitForEvents returned CL_OUT_OF_HOST_MEMORY (-6) and clGetEventInfo"
                        + " CL_OUT_OF_HOST_MEMORY (-6)");
        assertThat(wait.isLoss()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, -34, -36, -777, -9999})
    void deviceThatIsGone_withACommandThatNeverEnds_isUnknownSoon(int code) {
        EventWait wait = wait(call -> call.equals("clWaitForEvents") ? code : 0, LONG);
        long start = System.nanoTime();
        assertThat(wait.await(listed())).isEqualTo(EventWait.UNKNOWN);
        assertThat(System.nanoTime() - start).isBetween(500_000_000L, LONG.toNanos() / 2);
        assertThat(wait.text()).contains("that the command has not ended (status ");
        assertThat(wait.isLoss()).isTrue();
        end(0);
    }

    @Test
    void interruptedThread_goesOn_andStaysInterrupted() {
        AtomicInteger calls = new AtomicInteger();
        EventWait wait = wait(
                call -> CL_OUT_OF_HOST_MEMORY() + 0 * calls.incrementAndGet(),
                Duration.ofMillis(200));
        Thread.currentThread().interrupt();
        assertThat(wait.await(listed())).isEqualTo(EventWait.UNKNOWN);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(calls.get()).as("calls in 200 ms: it must not spin").isLessThan(200);
        end(0);
    }
}
