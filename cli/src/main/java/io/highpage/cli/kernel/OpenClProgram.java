// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.DeviceAccess;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.UserError;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.NdRange;
import io.highpage.outcome.DeviceException;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** One kernel of a compiled OpenCL C program. Confined to one thread. */
public final class OpenClProgram implements AutoCloseable {
    /** What drivers answer everything with then: a copy may have met it, or a launch before. */
    private static final Pattern OF_A_LOST_DEVICE =
            Pattern.compile("CL_INVALID_COMMAND_QUEUE|-9999|-777");

    private final OpenClContext context;
    private final KernelSource source;
    private final String kernelName;
    private final cl_program program;
    private final cl_kernel kernel;

    private OpenClProgram(
            OpenClContext context,
            KernelSource source,
            String kernelName,
            cl_program program,
            cl_kernel kernel) {
        this.context = context;
        this.source = source;
        this.kernelName = kernelName;
        this.program = program;
        this.kernel = kernel;
    }

    /**
     * Compiles a kernel.
     *
     * @param context where it is to run
     * @param source OpenCL C
     * @param kernelName the kernel to take out of it
     * @return the kernel
     * @throws UserError if it does not compile, with the compiler's own words, or has no such
     *     kernel
     */
    public static OpenClProgram compile(
            OpenClContext context, KernelSource source, String kernelName) {
        cl_program program = CL.clCreateProgramWithSource(
                context.context(), 1, new String[] {source.text()}, null, null);
        try {
            build(context, source, program);
            return new OpenClProgram(
                    context,
                    source,
                    kernelName,
                    program,
                    kernel(source.origin(), program, kernelName));
        } catch (CLException | UserError e) {
            CL.clReleaseProgram(program);
            throw e;
        }
    }

    /** {@return the kernel's parameters, as far as the driver tells} */
    public List<KernelParameter> parameters() {
        return KernelParameter.of(kernel).stream()
                .map(parameter ->
                        source.typedef(parameter.type()).map(parameter::as).orElse(parameter))
                .toList();
    }

    /**
     * Runs the kernel and waits for it.
     *
     * @param items how many work-items, along one dimension
     * @param arguments as for {@link #launch}
     * @return time in the kernel, in nanoseconds
     * @throws UserError if the driver refuses an argument or the launch
     */
    public long run(long items, List<?> arguments) {
        try (Launch launch = launch(items, OptionalLong.empty(), arguments)) {
            return launch.await();
        }
    }

    /**
     * Has the kernel run, after those launched before.
     *
     * @param items how many work-items, along one dimension
     * @param group how many of them work together; as the driver likes if it is not said
     * @param arguments {@link DeviceAccess}es, {@link PlainBuffer}s and {@link ScalarArgument}s, in
     *     the kernel's order
     * @return the launch
     * @throws UserError if the driver refuses an argument or the launch
     */
    public Launch launch(long items, OptionalLong group, List<?> arguments) {
        checkGroups(items);
        NdRange range = NdRange.of(items);
        try {
            // From here on closing the accesses waits, should waiting here be cut short.
            cl_event done = Jocl.enqueue(
                    context.kernelQueue(),
                    kernel,
                    group.isPresent() ? range.groups(group.getAsLong()) : range,
                    null,
                    arguments.stream().map(OpenClProgram::asJocl).toArray());
            Launch launch = new Launch(done, items);
            flush(launch);
            return launch;
        } catch (IllegalArgumentException | DeviceException | CLException e) {
            throw failed(items, e);
        }
    }

    private void flush(Launch launch) {
        try {
            CL.clFlush(context.kernelQueue());
        } catch (CLException e) {
            CloseAll.after(e, launch);
            throw e;
        }
    }

    private static Object asJocl(Object argument) {
        return switch (argument) {
            case PlainBuffer buffer -> buffer.memory();
            case ScalarArgument number -> number.asJocl();
            default -> argument;
        };
    }

    /** Not all drivers refuse to run a kernel in other groups than those it is written for. */
    private void checkGroups(long items) {
        long[] group = new long[3];
        CL.clGetKernelWorkGroupInfo(
                kernel,
                context.device(),
                CL.CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
                (long) group.length * Sizeof.size_t,
                Pointer.to(group),
                null);
        if (group[1] > 1 || group[2] > 1) {
            throw UserError.failed(
                    couldNotRun(items, false) + "it is written for groups of " + group[0] + " x "
                            + group[1] + " x " + group[2] + ", and runs over one dimension here");
        }
    }

    private UserError failed(long items, RuntimeException e) {
        String why = String.valueOf(e.getMessage());
        String hint = why.contains("CL_INVALID_WORK_GROUP_SIZE")
                ? "; give --group N, which divides the number of work-items and is within the"
                        + " device's limit, or as the kernel is written for"
                : "";
        boolean lost = OF_A_LOST_DEVICE.matcher(why).find();
        return UserError.failed(couldNotRun(items, lost) + why + hint, e);
    }

    private String couldNotRun(long items, boolean lost) {
        return "kernel '" + kernelName + "' could not run over " + items + " work-items on device "
                + context.name() + (lost ? ", which is lost: " : ": ");
    }

    /** A kernel that runs, or will when those before it have. Used by one thread at a time. */
    public final class Launch implements AutoCloseable {
        private final cl_event done;
        private final long items;

        private Launch(cl_event done, long items) {
            this.done = done;
            this.items = items;
        }

        /**
         * Waits for the kernel.
         *
         * @return how long it ran, in nanoseconds, without what it waited for others
         * @throws UserError if it failed
         */
        public long await() {
            try {
                CL.clWaitForEvents(1, new cl_event[] {done});
                return time(CL.CL_PROFILING_COMMAND_END) - time(CL.CL_PROFILING_COMMAND_START);
            } catch (CLException e) {
                throw failed(items, e);
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
            CL.clReleaseEvent(done);
        }
    }

    /** Gives kernel and program back. */
    @Override
    public void close() {
        CL.clReleaseKernel(kernel);
        CL.clReleaseProgram(program);
    }

    private static void build(OpenClContext context, KernelSource source, cl_program program) {
        try {
            CL.clBuildProgram(
                    program, 0, null, "-cl-kernel-arg-info" + source.options(), null, null);
        } catch (CLException e) {
            throw UserError.failed(
                    source.origin() + " does not compile for device " + context.name() + ": "
                            + e.getMessage() + log(program, context.device()),
                    e);
        }
    }

    private static cl_kernel kernel(String origin, cl_program program, String name) {
        try {
            return CL.clCreateKernel(program, name, null);
        } catch (CLException e) {
            if (e.getStatus() != CL.CL_INVALID_KERNEL_NAME) {
                throw UserError.failed(
                        "cannot make kernel '" + name + "' of " + origin + ": " + e.getMessage(),
                        e);
            }
            String names = names(program);
            throw UserError.failed(
                    origin + " has no kernel '" + name + "' (--kernel); "
                            + (names.isEmpty()
                                    ? "it has none at all"
                                    : "it has: " + names.replace(";", ", ")),
                    e);
        }
    }

    private static String names(cl_program program) {
        long[] size = new long[1];
        CL.clGetProgramInfo(program, CL.CL_PROGRAM_KERNEL_NAMES, 0, null, size);
        byte[] names = new byte[(int) size[0]];
        CL.clGetProgramInfo(
                program, CL.CL_PROGRAM_KERNEL_NAMES, names.length, Pointer.to(names), null);
        return text(names);
    }

    /**
     * {@return what the compiler said, on lines of its own; nothing if it said nothing, as one that
     * is not there}
     */
    private static String log(cl_program program, cl_device_id device) {
        try {
            long[] size = new long[1];
            CL.clGetProgramBuildInfo(program, device, CL.CL_PROGRAM_BUILD_LOG, 0, null, size);
            byte[] log = new byte[(int) size[0]];
            CL.clGetProgramBuildInfo(
                    program, device, CL.CL_PROGRAM_BUILD_LOG, log.length, Pointer.to(log), null);
            String text = text(log).strip();
            return text.isEmpty() ? "" : "\n" + text;
        } catch (CLException none) {
            return "";
        }
    }

    static String text(byte[] zeroTerminated) {
        String text = new String(zeroTerminated, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }
}
