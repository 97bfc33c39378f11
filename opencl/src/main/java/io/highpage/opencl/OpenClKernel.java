// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_QUEUE_CONTEXT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_QUEUE_DEVICE;

import io.highpage.DeviceAccess;
import io.highpage.internal.close.Closes;
import io.highpage.internal.opencl.Cl;
import io.highpage.outcome.DeviceException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Launches kernels of a program's own on accesses: sets all arguments, enqueues the kernel, and
 * tells every access among the arguments, so that closing each waits for the kernel, on whatever
 * queue it is. Handles are addresses.
 *
 * <p>The arguments are all of the kernel's, in order:
 *
 * <ul>
 *   <li>an open {@link DeviceAccess} for a pointer to its memory, also where that is a
 *       {@code cl_mem};
 *   <li>{@code Byte}, {@code Short}, {@code Integer}, {@code Long}, {@code Float} and
 *       {@code Double} for a scalar of that size; a {@code half} is a {@code Short} of its bits;
 *   <li>a {@link MemorySegment} for a struct or vector: its bytes, copied at once;
 *   <li>a {@link KernelArgument} for local memory, and for memory, images and samplers of the
 *       program's own.
 * </ul>
 *
 * <p>All are looked at before the first is set, and a mistake that can be known is an error before
 * anything runs. What cannot be known: whether a kernel writes through a pointer that is not
 * {@code const}, and how far.
 *
 * <p>Thread-safe, as far as OpenCL is: a kernel object is for one thread at a time.
 */
public final class OpenClKernel {
    private OpenClKernel() {}

    /**
     * Launches a kernel. Does not wait. What cannot be told is waited for here instead.
     *
     * @param queue address of a {@code cl_command_queue} of the kernel's context, in order or not;
     *     the device's own or another
     * @param kernel address of a {@code cl_kernel}, used by no other thread meanwhile
     * @param range the work items
     * @param arguments all of the kernel's, see above
     * @throws IllegalArgumentException if the queue or kernel is NULL, if they, or an access, are
     *     of different contexts, or if an argument is not what the kernel takes
     * @throws IllegalStateException if an access is closed
     * @throws DeviceException if the driver refuses an argument or the kernel;
     *     {@link io.highpage.outcome.DeviceLostException} if that says that the device is gone
     */
    public static void launch(
            long queue, long kernel, NdRange range, @Nullable Object... arguments) {
        Launched launched = enqueued(queue, kernel, range, new long[0], arguments);
        launched.cl().releaseEvent(launched.event());
    }

    /**
     * Launches a kernel as {@link #launch} does, after events, and gives its own.
     *
     * @param queue as for {@link #launch}
     * @param kernel as for {@link #launch}
     * @param range the work items
     * @param after addresses of {@code cl_event}s of the kernel's context, which the driver waits
     *     for first; may be empty. Queues of theirs that are not begun yet are flushed
     * @param arguments all of the kernel's, see above
     * @return address of the kernel's {@code cl_event}, for the caller to release
     * @throws IllegalArgumentException as {@link #launch}, or if an event is NULL or of another
     *     context
     * @throws IllegalStateException if an access is closed
     * @throws DeviceException as {@link #launch}
     */
    public static long enqueue(
            long queue, long kernel, NdRange range, long[] after, @Nullable Object... arguments) {
        return enqueued(queue, kernel, range, after, arguments).event().address();
    }

    /** A command of a driver, and a reference to its event. */
    private record Launched(Cl cl, MemorySegment event) {}

    private static Launched enqueued(
            long queue, long kernel, NdRange range, long[] after, @Nullable Object[] given) {
        Objects.requireNonNull(range, "range");
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(given, "arguments");
        MemorySegment on = OpenClDevice.requireHandle(queue, "queue");
        MemorySegment of = OpenClDevice.requireHandle(kernel, "kernel");
        Cl cl = clOf(given);
        MemorySegment context = cl.kernelContext(of);
        OpenClDevice.requireSame(
                "queue", cl.queueHandle(on, CL_QUEUE_CONTEXT()), context, "context");
        for (long event : after) {
            MemorySegment handle = OpenClDevice.requireHandle(event, "event");
            OpenClDevice.requireSame("event", cl.eventContext(handle), context, "context");
        }
        KernelArguments arguments = KernelArguments.of(cl, of, context, given);
        arguments.requireLocal(cl.queueHandle(on, CL_QUEUE_DEVICE()));
        List<Launched> launched = new ArrayList<>(1);
        for (long event : after) {
            cl.beginFor(MemorySegment.ofAddress(event), on);
        }
        using(arguments.accesses(), () -> {
            arguments.set();
            MemorySegment event = cl.enqueueKernel(on, of, range.forDriver(), after, range::hint);
            launched.add(new Launched(cl, event));
            tell(arguments, cl, event);
        });
        return launched.getFirst();
    }

    /** A close by another thread waits, so that no kernel begins on memory that is given back. */
    private static void using(List<DeviceAccess> accesses, Runnable launch) {
        if (accesses.isEmpty()) {
            launch.run();
        } else {
            List<DeviceAccess> others = accesses.subList(1, accesses.size());
            accesses.getFirst().use(() -> using(others, launch));
        }
    }

    private static Cl clOf(@Nullable Object[] given) {
        for (Object argument : given) {
            if (argument instanceof DeviceAccess access) {
                return OpenClDevice.of(access).cl();
            }
        }
        return Cl.open();
    }

    private static void tell(KernelArguments arguments, Cl cl, MemorySegment event) {
        try {
            for (DeviceAccess access : arguments.accesses()) {
                OpenClDevice.completesWith(access, event.address());
            }
        } catch (Throwable untold) { // it runs all the same, and nobody else would wait for it
            OpenClDevice device = OpenClDevice.of(arguments.accesses().getFirst());
            Throwable failed = Closes.step(untold, () -> device.await(event));
            Closes.rethrow(Closes.step(failed, () -> cl.releaseEvent(event)));
            throw untold;
        }
    }
}
