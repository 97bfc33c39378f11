// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * One kernel of OpenCL C, compiled for a device. Belongs to whoever made it, and may be used by
 * many pipes at once: each run has a kernel object of its own. Turns the exceptions of JOCL on.
 * Thread-safe.
 */
public final class KernelProgram implements AutoCloseable {
    private final OpenClDevice device;
    private final KernelSource source;
    private final String name;
    private final cl_program program;
    private final List<KernelParameter> parameters;
    private boolean closed;

    private KernelProgram(
            OpenClDevice device,
            KernelSource source,
            String name,
            cl_program program,
            List<KernelParameter> parameters) {
        this.device = device;
        this.source = source;
        this.name = name;
        this.program = program;
        this.parameters = parameters;
    }

    /**
     * Compiles a kernel.
     *
     * @param device where it is to run; open until this is closed
     * @param source OpenCL C
     * @param kernelName the kernel to take out of it
     * @return the kernel
     * @throws KernelException if it does not compile, with the compiler's own words, or has no such
     *     kernel, with those that there are
     * @throws io.highpage.outcome.DeviceException if JOCL cannot be loaded
     * @throws IllegalStateException if the device is closed
     */
    public static KernelProgram compile(
            OpenClDevice device, KernelSource source, String kernelName) {
        Jocl.load();
        CL.setExceptionsEnabled(true);
        cl_program program = CL.clCreateProgramWithSource(
                Jocl.context(device), 1, new String[] {source.text()}, null, null);
        try {
            build(device, source, program);
            cl_kernel kernel = kernel(source.origin(), program, kernelName);
            try {
                return new KernelProgram(
                        device, source, kernelName, program, parameters(kernel, source));
            } finally {
                CL.clReleaseKernel(kernel);
            }
        } catch (Throwable failed) {
            throw Ends.after(failed, () -> CL.clReleaseProgram(program));
        }
    }

    private static List<KernelParameter> parameters(cl_kernel kernel, KernelSource source) {
        return KernelParameter.of(kernel).stream()
                .map(parameter ->
                        source.typedef(parameter.type()).map(parameter::as).orElse(parameter))
                .toList();
    }

    /** {@return the kernel's parameters, in order, as far as the driver tells} */
    public List<KernelParameter> parameters() {
        return parameters;
    }

    /** {@return the kernel's name} */
    public String name() {
        return name;
    }

    /** {@return where it runs} */
    public OpenClDevice device() {
        return device;
    }

    /** {@return a kernel object, for one thread at a time; the caller releases it} */
    synchronized cl_kernel newKernel() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
        return kernel(source.origin(), program, name);
    }

    /** Gives the program back; runs keep what they need of it. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            CL.clReleaseProgram(program);
        }
    }

    private static void build(OpenClDevice device, KernelSource source, cl_program program) {
        try {
            CL.clBuildProgram(
                    program, 0, null, "-cl-kernel-arg-info" + options(source), null, null);
        } catch (CLException e) {
            throw KernelException.of(
                    source.origin() + " does not compile for device " + device.name() + ": "
                            + e.getMessage() + log(program, Jocl.deviceId(device)),
                    e);
        }
    }

    private static String options(KernelSource source) {
        return source.options().isBlank() ? "" : " " + source.options().strip();
    }

    private static cl_kernel kernel(String origin, cl_program program, String name) {
        try {
            return CL.clCreateKernel(program, name, null);
        } catch (CLException e) {
            if (!isUnknown(e, program)) {
                throw KernelException.of(
                        "cannot make kernel '" + name + "' of " + origin + ": " + e.getMessage(),
                        e);
            }
            throw KernelException.noSuchKernel(origin, name, names(program), e);
        }
    }

    /** To some drivers a program that has no kernels at all is none that can be executed. */
    private static boolean isUnknown(CLException e, cl_program program) {
        return e.getStatus() == CL.CL_INVALID_KERNEL_NAME
                || e.getStatus() == CL.CL_INVALID_PROGRAM_EXECUTABLE
                        && names(program).isEmpty();
    }

    private static List<String> names(cl_program program) {
        long[] size = new long[1];
        CL.clGetProgramInfo(program, CL.CL_PROGRAM_KERNEL_NAMES, 0, null, size);
        byte[] names = new byte[(int) size[0]];
        CL.clGetProgramInfo(
                program, CL.CL_PROGRAM_KERNEL_NAMES, names.length, Pointer.to(names), null);
        return Stream.of(text(names).split(";")).filter(each -> !each.isEmpty()).toList();
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

    /** {@return its name and device} */
    @Override
    public String toString() {
        return "kernel '" + name + "' of " + source.origin() + " on " + device.name();
    }
}
