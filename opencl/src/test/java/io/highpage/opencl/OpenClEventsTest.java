// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.lang.foreign.MemorySegment.NULL;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.DeviceView;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Accesses that begin after an event and end with one; no thread waits. */
@Tag("opencl")
class OpenClEventsTest {
    private static final Terms TERMS = Terms.defaults();

    private final Arena arena = Arena.ofShared();
    private OpenClDevice openCl;
    private Highpage runtime;
    private Device device;
    private PageBuffer buffer;
    private MemorySegment event;

    @BeforeEach
    void open() {
        openCl = OpenClDevice.open("opencl:test", FirstDevice.handle(), OpenClMemoryMode.BUFFER);
        runtime = Highpage.builder().device(openCl).open();
        device = runtime.device();
        buffer = runtime.allocate(8 * 4096);
        buffer.fill((byte) 3);
        event = userEvent(openCl.context());
    }

    @AfterEach
    void close() {
        if (runtime != null) {
            int ended = opencl_h.clSetUserEventStatus(event, 0); // or it did before
            runtime.close();
            TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
        }
        arena.close();
    }

    private MemorySegment userEvent(MemorySegment context) {
        MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
        MemorySegment made = opencl_h.clCreateUserEvent(context, error);
        TestKernel.check("clCreateUserEvent", error.get(ValueLayout.JAVA_INT, 0));
        return made;
    }

    private void endByAnotherThread(int status) throws InterruptedException {
        Thread other = Thread.ofPlatform()
                .start(() -> TestKernel.check(
                        "clSetUserEventStatus", opencl_h.clSetUserEventStatus(event, status)));
        other.join();
    }

    private CompletableFuture<DeviceAccess> afterEvent() {
        return buffer.accessAsync(TERMS, device, openCl.completion(event.address()));
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> future) throws Exception {
        try {
            throw new AssertionError("it has " + get(future));
        } catch (ExecutionException failed) {
            return failed.getCause();
        }
    }

    private DeviceAccess sharedAccess() {
        return buffer.access(TERMS.shared(), device);
    }

    // ---- accesses that begin after an event ----

    @Test
    void access_beginsWhenTheEventComes() throws Exception {
        CompletableFuture<DeviceAccess> later = afterEvent();
        assertThat(later).isNotDone();
        assertThat(buffer.residency().of(0)).isEqualTo(Residency.HOST);
        endByAnotherThread(0);
        get(later).close();
        assertThat(buffer.residency().of(0)).isNotEqualTo(Residency.HOST);
    }

    @Test
    void eventThatFails_failsTheFuture() throws Exception {
        CompletableFuture<DeviceAccess> later = afterEvent();
        endByAnotherThread(-30);
        assertThat(failure(later))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("CL_INVALID_VALUE (-30)");
        assertThat(runtime.holders()).isEmpty();
    }

    @Test
    void noEvent_isRefused() {
        assertThatThrownBy(() -> openCl.completion(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the event is NULL");
    }

    @Test
    void eventOfAnotherContext_isRefused() {
        try (OpenClDevice other =
                OpenClDevice.open("opencl:other", FirstDevice.handle(), OpenClMemoryMode.BUFFER)) {
            MemorySegment foreign = userEvent(other.context());
            assertThatThrownBy(() -> openCl.completion(foreign))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the event belongs to another context");
            // NVIDIA's driver waits for those that nobody ended when their context goes.
            TestKernel.check("clSetUserEventStatus", opencl_h.clSetUserEventStatus(foreign, 0));
            TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(foreign));
        }
    }

    @Test
    void eventThatNeverComes_keepsNothing_fromClosing() throws Exception {
        CompletableFuture<DeviceAccess> ofBuffer = afterEvent();
        buffer.close();
        assertThat(failure(ofBuffer)).isInstanceOf(IllegalStateException.class);
        buffer = runtime.allocate(4096);
        CompletableFuture<DeviceAccess> cancelled = afterEvent();
        assertThat(cancelled.cancel(false)).isTrue();
        CompletableFuture<DeviceAccess> ofRuntime = afterEvent();
        assertThatThrownBy(openCl::close).isInstanceOf(IllegalStateException.class);
        assertThat(ofRuntime).isNotDone();
        runtime.close();
        assertThat(failure(ofRuntime)).isInstanceOf(IllegalStateException.class);
        endByAnotherThread(0); // callbacks come after the close
    }

    // ---- accesses that end with one ----

    @Test
    void access_closesWhenTheEventComes() throws Exception {
        DeviceAccess access = sharedAccess();
        OpenClDevice.completesWith(access, event.address());
        CompletableFuture<Void> closing = access.closeAsync();
        assertThat(closing).isNotDone();
        assertThat(buffer.evict().complete()).isFalse();
        for (AutoCloseable each : new AutoCloseable[] {buffer, runtime}) {
            assertThatThrownBy(each::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("access of bytes 0..");
        }
        endByAnotherThread(0);
        get(closing);
        assertThat(access.isOpen()).isFalse();
        assertThat(buffer.evict().complete()).isTrue();
    }

    @Test
    void eventThatFails_closesTheAccess_andFailsTheFuture() throws Exception {
        DeviceAccess access = sharedAccess();
        OpenClDevice.completesWith(access, event.address());
        CompletableFuture<Void> closing = access.closeAsync();
        endByAnotherThread(-30);
        assertThat(failure(closing)).isInstanceOf(DeviceException.class);
        assertThat(access.isOpen()).isFalse();
    }

    @Test
    void accessThatWasToldOfNothing_closesWhenTheQueueIsIdle() throws Exception {
        DeviceAccess access = sharedAccess();
        MemorySegment list = arena.allocateFrom(ValueLayout.ADDRESS, event);
        TestKernel.check(
                "clEnqueueMarkerWithWaitList",
                opencl_h.clEnqueueMarkerWithWaitList(openCl.queue(), 1, list, NULL));
        CompletableFuture<Void> closing = access.closeAsync();
        assertThat(access.isOpen()).isTrue();
        endByAnotherThread(0);
        get(closing);
    }

    @Test
    void kernels_oneAfterTheOther_byEventsAlone() throws Exception {
        int count = (int) (buffer.byteSize() / Integer.BYTES);
        try (TestKernel kernel = TestKernel.compile(openCl, TestKernel.ADD, "add")) {
            CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
            for (int i = 0; i < 8; i++) {
                CompletableFuture<DeviceAccess> next = afterEvent();
                last = last.thenCompose(none -> next).thenCompose(access -> {
                    MemorySegment done = kernel.launchAdd(
                            DeviceView.handle(access.handle(), () -> {}), 1, count);
                    OpenClDevice.completesWith(access, done.address());
                    TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(done));
                    return access.closeAsync();
                });
            }
            endByAnotherThread(0);
            get(last);
        }
        int[] ints = new int[count];
        buffer.read(0, MemorySegment.ofArray(ints));
        assertThat(ints).containsOnly(0x03030303 + 8);
    }
}
