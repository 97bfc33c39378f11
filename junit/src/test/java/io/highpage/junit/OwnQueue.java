// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.highpage.DeviceAccess;
import io.highpage.host.HostDevice;
import io.highpage.opencl.OpenClDevice;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.concurrent.CountDownLatch;

/** Work in the own queue of the library's devices, which goes on until it is ended. */
final class OwnQueue {
    private OwnQueue() {}

    static Runnable begin(DeviceAccess access) {
        return switch (access.device().memory()) {
            case HostDevice host -> beginOn(host, access);
            case OpenClDevice opencl -> beginOn(opencl);
            default -> throw new AssertionError(access.device());
        };
    }

    /** A kernel on a thread of its own. */
    private static Runnable beginOn(HostDevice host, DeviceAccess access) {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(() -> host.launch(access, memory -> {
                    running.countDown();
                    await(end);
                    memory.fill((byte) 1);
                }));
        await(running);
        return end::countDown;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    /** A marker in the queue that waits for an event of the program. */
    private static Runnable beginOn(OpenClDevice device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_INT);
            MemorySegment event = (MemorySegment) call(
                    "clCreateUserEvent",
                    FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS),
                    device.context(),
                    result);
            assertThat(result.get(JAVA_INT, 0)).as("clCreateUserEvent").isZero();
            FunctionDescriptor marker =
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
            assertThat(call(
                            "clEnqueueMarkerWithWaitList",
                            marker,
                            device.queue(),
                            1,
                            arena.allocateFrom(ADDRESS, event),
                            MemorySegment.NULL))
                    .as("clEnqueueMarkerWithWaitList")
                    .isEqualTo(0);
            return () -> {
                FunctionDescriptor set = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
                assertThat(call("clSetUserEventStatus", set, event, 0)).isEqualTo(0);
                assertThat(call("clReleaseEvent", FunctionDescriptor.of(JAVA_INT, ADDRESS), event))
                        .isEqualTo(0);
            };
        }
    }

    @SuppressWarnings("restricted")
    private static Object call(String name, FunctionDescriptor type, Object... arguments) {
        SymbolLookup opencl = SymbolLookup.libraryLookup("libOpenCL.so.1", Arena.global());
        try {
            return Linker.nativeLinker()
                    .downcallHandle(opencl.findOrThrow(name), type)
                    .invokeWithArguments(arguments);
        } catch (Throwable failed) {
            throw new AssertionError(name, failed);
        }
    }
}
