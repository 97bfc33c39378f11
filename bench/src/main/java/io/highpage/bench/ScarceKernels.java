// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.host.HostDevice;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_program;
import org.openjdk.jmh.annotations.CompilerControl;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The two kernels of {@link ScarceMix}, on one device. Each thread has a number. */
interface ScarceKernels extends AutoCloseable {

    /** {@return the device's memory, for a runtime, which closes it} */
    DeviceMemory memory();

    /** {@return the sum of all words, none of which is written} */
    int sum(int thread, DeviceAccess access);

    /** Changes all words. */
    void mix(int thread, DeviceAccess access);

    @Override
    void close();

    /** {@return those of a device, as {@code highpage devices} names it} */
    static ScarceKernels on(String device) {
        DeviceInfo info = Devices.named(device);
        if (!info.name().startsWith("opencl")) {
            return new OnHost((HostDevice) info.open());
        }
        try (OpenClDevice found = (OpenClDevice) info.open()) {
            return new OnOpenCl(info.name(), found.mode(), JoclContext.of(found));
        }
    }

    /**
     * {@return the sum of all words of host memory} Inlined into all that surrounds it its loop
     * would be compiled with calls, and be ten times as slow: the compiler inlines so much and no
     * more.
     */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int sum(MemorySegment words) {
        int sum = 0;
        for (long at = 0; at < words.byteSize(); at += Integer.BYTES) {
            sum += words.get(ValueLayout.JAVA_INT, at);
        }
        return sum;
    }

    /** Java functions, run by the host device. */
    final class OnHost implements ScarceKernels {
        private final HostDevice device;

        private OnHost(HostDevice device) {
            this.device = device;
        }

        @Override
        public DeviceMemory memory() {
            return device;
        }

        @Override
        public int sum(int thread, DeviceAccess access) {
            int[] sum = new int[1];
            device.launch(access, words -> sum[0] = ScarceKernels.sum(words));
            return sum[0];
        }

        @Override
        public void mix(int thread, DeviceAccess access) {
            device.launch(access, OnHost::mix);
        }

        @CompilerControl(CompilerControl.Mode.DONT_INLINE) // as sum()
        private static void mix(MemorySegment words) {
            for (long at = 0; at < words.byteSize(); at += Integer.BYTES) {
                int word = words.get(ValueLayout.JAVA_INT, at);
                words.set(ValueLayout.JAVA_INT, at, word * 0x9e3779b9 + 1);
            }
        }

        @Override
        public void close() {
            // The runtime has closed the device.
        }
    }

    /** OpenCL kernels, launched by JOCL: each thread has a queue of its own. */
    final class OnOpenCl implements ScarceKernels {
        private static final int ITEMS = 256;
        private static final String SOURCE = """
                kernel void sum_words(global const uint *words, ulong count, global uint *parts) {
                    uint part = 0;
                    for (ulong i = get_global_id(0); i < count; i += get_global_size(0)) {
                        part += words[i];
                    }
                    parts[get_global_id(0)] = part;
                }
                kernel void mix_words(global uint *words) {
                    words[get_global_id(0)] = words[get_global_id(0)] * 0x9e3779b9u + 1;
                }
                """;

        private final String name;
        private final OpenClMemoryMode mode;
        private final JoclContext context;
        private final cl_command_queue copies;
        private final cl_program program;
        private final OfThread[] threads = new OfThread[ScarceMix.THREADS];

        OnOpenCl(String name, OpenClMemoryMode mode, JoclContext context) {
            this.name = name;
            this.mode = mode;
            this.context = context;
            copies = context.queue();
            program = CL.clCreateProgramWithSource(
                    context.context(), 1, new String[] {SOURCE}, null, null);
            CL.clBuildProgram(program, 0, null, null, null, null);
            for (int thread = 0; thread < threads.length; thread++) {
                threads[thread] = new OfThread(
                        context.queue(),
                        CL.clCreateKernel(program, "sum_words", null),
                        CL.clCreateKernel(program, "mix_words", null),
                        CL.clCreateBuffer(
                                context.context(),
                                CL.CL_MEM_READ_WRITE,
                                (long) ITEMS * Integer.BYTES,
                                null,
                                null),
                        new int[ITEMS]);
            }
        }

        private record OfThread(
                cl_command_queue queue, cl_kernel sum, cl_kernel mix, cl_mem parts, int[] found) {

            int total() {
                long bytes = (long) ITEMS * Integer.BYTES;
                CL.clEnqueueReadBuffer(
                        queue, parts, true, 0, bytes, Pointer.to(found), 0, null, null);
                int total = 0;
                for (int part : found) {
                    total += part;
                }
                return total;
            }

            void close() {
                CL.clReleaseMemObject(parts);
                CL.clReleaseKernel(mix);
                CL.clReleaseKernel(sum);
                CL.clReleaseCommandQueue(queue);
            }
        }

        @Override
        public DeviceMemory memory() {
            return Jocl.device(name, context.context(), context.device(), copies, mode);
        }

        @Override
        public int sum(int thread, DeviceAccess access) {
            OfThread own = threads[thread];
            long words = access.byteSize() / Integer.BYTES;
            Jocl.launch(own.queue, own.sum, new long[] {ITEMS}, null, access, words, own.parts);
            return own.total();
        }

        @Override
        public void mix(int thread, DeviceAccess access) {
            OfThread own = threads[thread];
            long words = access.byteSize() / Integer.BYTES;
            Jocl.launch(own.queue, own.mix, new long[] {words}, null, access);
        }

        // ---- the same on a cl_mem ----

        cl_mem allocate(long byteSize) {
            return CL.clCreateBuffer(context.context(), CL.CL_MEM_READ_WRITE, byteSize, null, null);
        }

        /** Writes, runs the kernel that reads, and takes its result. */
        int sum(int thread, cl_mem memory, Pointer bytes, long byteSize) {
            OfThread own = threads[thread];
            CL.clEnqueueWriteBuffer(own.queue, memory, false, 0, byteSize, bytes, 0, null, null);
            CL.clSetKernelArg(own.sum, 0, Sizeof.cl_mem, Pointer.to(memory));
            CL.clSetKernelArg(
                    own.sum, 1, Long.BYTES, Pointer.to(new long[] {byteSize / Integer.BYTES}));
            CL.clSetKernelArg(own.sum, 2, Sizeof.cl_mem, Pointer.to(own.parts));
            run(own.queue, own.sum, ITEMS);
            return own.total();
        }

        /** Writes, runs the kernel that changes, and reads. */
        void mix(int thread, cl_mem memory, Pointer bytes, long byteSize) {
            OfThread own = threads[thread];
            CL.clEnqueueWriteBuffer(own.queue, memory, false, 0, byteSize, bytes, 0, null, null);
            CL.clSetKernelArg(own.mix, 0, Sizeof.cl_mem, Pointer.to(memory));
            run(own.queue, own.mix, byteSize / Integer.BYTES);
            CL.clEnqueueReadBuffer(own.queue, memory, true, 0, byteSize, bytes, 0, null, null);
        }

        private static void run(cl_command_queue queue, cl_kernel kernel, long items) {
            CL.clEnqueueNDRangeKernel(
                    queue, kernel, 1, null, new long[] {items}, null, 0, null, null);
        }

        @Override
        public void close() {
            for (OfThread each : threads) {
                each.close();
            }
            CL.clReleaseProgram(program);
            CL.clReleaseCommandQueue(copies);
            CL.clReleaseContext(context.context());
        }
    }
}
