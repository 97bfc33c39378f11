// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.DeviceAccess;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.NdRange;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.jocl.cl_kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Launches a kernel over one dimension, and tells how long it ran. Used by one thread at a time;
 * the launches may be awaited by another.
 */
public final class KernelRunner implements AutoCloseable {
    private final KernelProgram program;
    private final cl_kernel kernel;
    private final cl_command_queue queue;
    private final boolean ownsQueue;
    private boolean closed;

    private KernelRunner(KernelProgram program, cl_command_queue queue, boolean ownsQueue) {
        this.program = program;
        this.kernel = program.newKernel();
        this.queue = queue;
        this.ownsQueue = ownsQueue;
    }

    /**
     * Makes one with a queue of its own, so that a copy does not wait for a kernel that runs.
     *
     * @param program the kernel, whose device is open
     * @return the runner
     * @throws KernelException if the driver refuses
     * @throws IllegalStateException if the program is closed
     */
    public static KernelRunner open(KernelProgram program) {
        cl_command_queue queue = queue(program.device());
        try {
            return new KernelRunner(program, queue, true);
        } catch (Throwable failed) {
            throw Ends.after(failed, () -> CL.clReleaseCommandQueue(queue));
        }
    }

    /** With a queue that others use too. */
    static KernelRunner on(KernelProgram program, cl_command_queue queue) {
        return new KernelRunner(program, queue, false);
    }

    /** {@return the kernel} */
    public KernelProgram program() {
        return program;
    }

    /** {@return the queue of the launches, in order: what is enqueued there is between them} */
    public cl_command_queue queue() {
        return queue;
    }

    /** {@return a new queue that tells times} */
    // The call of OpenCL 1.0. The one that replaced it is not there in older drivers, where calling
    // it is a crash.
    @SuppressWarnings("deprecation")
    static cl_command_queue queue(OpenClDevice device) {
        try {
            return CL.clCreateCommandQueue(
                    Jocl.context(device),
                    Jocl.deviceId(device),
                    CL.CL_QUEUE_PROFILING_ENABLE,
                    null);
        } catch (CLException e) {
            throw KernelException.of(
                    "device " + device.name() + " gives no queue for kernels: " + e.getMessage(),
                    e);
        }
    }

    /**
     * Runs the kernel and waits for it.
     *
     * @param items how many work-items
     * @param arguments as for {@link #launch}
     * @return time in the kernel, in nanoseconds
     * @throws KernelException and others as {@link #launch}
     */
    public long run(long items, List<?> arguments) {
        try (Launch launch = launch(items, OptionalLong.empty(), arguments)) {
            return launch.await();
        }
    }

    /**
     * Has the kernel run, after those launched before.
     *
     * @param items how many work-items
     * @param group how many of them work together; as the driver likes if it is not said
     * @param arguments all of the kernel's, in order, as {@link Jocl#launch} takes them
     * @return the launch
     * @throws KernelException if the driver refuses an argument or the launch
     * @throws DeviceLostException if the device is gone
     */
    public Launch launch(long items, OptionalLong group, List<?> arguments) {
        checkGroups(items);
        NdRange range = NdRange.of(items);
        try {
            // From here on closing the accesses waits, should waiting here be cut short.
            cl_event done = Jocl.enqueue(
                    queue,
                    kernel,
                    group.isPresent() ? range.groups(group.getAsLong()) : range,
                    null,
                    arguments.toArray());
            Launch launch = new Launch(done, items);
            flush(launch);
            return launch;
        } catch (IllegalArgumentException | DeviceException e) {
            throw failed(items, e);
        }
    }

    private void flush(Launch launch) {
        try {
            CL.clFlush(queue);
        } catch (CLException e) {
            throw Ends.after(Jocl.failure("clFlush", e), launch);
        }
    }

    /** Not all drivers refuse to run a kernel in other groups than those it is written for. */
    private void checkGroups(long items) {
        long[] group = new long[3];
        CL.clGetKernelWorkGroupInfo(
                kernel,
                Jocl.deviceId(program.device()),
                CL.CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
                (long) group.length * Sizeof.size_t,
                Pointer.to(group),
                null);
        if (group[1] > 1 || group[2] > 1) {
            throw KernelException.of(
                    couldNotRun(items, false) + "it is written for groups of " + group[0] + " x "
                            + group[1] + " x " + group[2] + ", and runs over one dimension here",
                    null);
        }
    }

    private RuntimeException failed(long items, RuntimeException e) {
        String why = String.valueOf(e.getMessage());
        if (e instanceof DeviceLostException lost) {
            return new DeviceLostException(couldNotRun(items, true) + why, e, lost.mayStillRun());
        }
        return KernelException.couldNotRun(couldNotRun(items, false) + why, e);
    }

    private String couldNotRun(long items, boolean lost) {
        return "kernel '" + program.name() + "' could not run over " + items
                + " work-items on device " + program.device().name()
                + (lost ? ", which is lost: " : ": ");
    }

    /** A kernel that runs, or will when those before it have. Used by one thread at a time. */
    public final class Launch implements AutoCloseable {
        private final cl_event done;
        private final long items;
        private boolean forgotten;

        private Launch(cl_event done, long items) {
            this.done = done;
            this.items = items;
        }

        /**
         * Waits for the kernel.
         *
         * @return how long it ran, in nanoseconds, without what it waited for others
         * @throws KernelException if it failed
         * @throws DeviceLostException if the device is gone
         */
        public long await() {
            try {
                CL.clWaitForEvents(1, new cl_event[] {done});
                return time(CL.CL_PROFILING_COMMAND_END) - time(CL.CL_PROFILING_COMMAND_START);
            } catch (CLException e) {
                throw failed(items, Jocl.failure("clWaitForEvents", e));
            }
        }

        private long time(int what) {
            long[] nanos = new long[1];
            CL.clGetEventProfilingInfo(done, what, Long.BYTES, Pointer.to(nanos), null);
            return nanos[0];
        }

        /** Forgets the event; does not wait. */
        @Override
        public void close() {
            if (!forgotten) {
                forgotten = true;
                CL.clReleaseEvent(done);
            }
        }
    }

    /** Gives the kernel object back, once what was launched has ended; does not wait. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        CL.clReleaseKernel(kernel);
        if (ownsQueue) {
            CL.clReleaseCommandQueue(queue);
        }
    }

    /** The kernel of a run, with what is the same for all pieces. */
    record OverPieces(KernelRunner runner, KernelCall call) implements PieceKernel {
        @Override
        public Launched launch(long bytes, List<DeviceAccess> accesses) {
            List<Object> arguments = new ArrayList<>(accesses);
            arguments.addAll(call.scalars());
            Launch launch = runner.launch(bytes / call.elementBytes(), call.group(), arguments);
            return Launched.of(launch::await, launch::close);
        }

        @Override
        public void close() {
            runner.close();
        }
    }
}
