// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.cli.console.UserError;
import io.highpage.jocl.Jocl;
import io.highpage.pipe.KernelRunner;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_mem;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * Device memory as programs have it without Highpage: a {@code cl_mem} and a direct buffer, with
 * blocking copies between them. Confined to one thread.
 */
public final class PlainBuffer implements AutoCloseable {
    /** Where a {@code ByteBuffer} ends. */
    public static final long LARGEST = Integer.MAX_VALUE - 8;

    // A power of two up to 128 bytes; drivers fill long patterns faster than single bytes.
    private static final byte[] ZEROS = new byte[128];

    private final cl_command_queue queue;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment host;
    private final cl_mem memory;

    private PlainBuffer(KernelRunner kernel, long byteSize) {
        this.queue = kernel.queue();
        this.memory = CL.clCreateBuffer(
                Jocl.context(kernel.program().device()),
                CL.CL_MEM_READ_WRITE,
                wholePatterns(byteSize),
                null,
                null);
        this.host = arena.allocate(byteSize);
    }

    /**
     * Allocates both.
     *
     * @param kernel uses it; copies are in the queue of its launches
     * @param byteSize length of each, at most {@link #LARGEST}
     * @return the buffer
     * @throws UserError if the driver refuses
     */
    public static PlainBuffer allocate(KernelRunner kernel, long byteSize) {
        return checked("clCreateBuffer", byteSize, () -> new PlainBuffer(kernel, byteSize));
    }

    /** {@return the host's part, to read files into and write them from} */
    public MemorySegment host() {
        return host;
    }

    /** {@return the device's part, as a kernel is given it} */
    public cl_mem memory() {
        return memory;
    }

    /**
     * Copies the start of the host's part to the device.
     *
     * @param byteSize number of bytes
     */
    public void toDevice(long byteSize) {
        checked(
                "clEnqueueWriteBuffer",
                byteSize,
                () -> CL.clEnqueueWriteBuffer(
                        queue, memory, true, 0, byteSize, pointer(), 0, null, null));
    }

    /**
     * Copies the start of the device's part to the host.
     *
     * @param byteSize number of bytes
     */
    public void toHost(long byteSize) {
        checked(
                "clEnqueueReadBuffer",
                byteSize,
                () -> CL.clEnqueueReadBuffer(
                        queue, memory, true, 0, byteSize, pointer(), 0, null, null));
    }

    /**
     * Zeroes the start of the device's part, before the next kernel.
     *
     * @param byteSize number of bytes
     */
    public void zero(long byteSize) {
        long rounded = wholePatterns(byteSize);
        checked(
                "clEnqueueFillBuffer",
                byteSize,
                () -> CL.clEnqueueFillBuffer(
                        queue, memory, Pointer.to(ZEROS), ZEROS.length, 0, rounded, 0, null, null));
    }

    private static long wholePatterns(long byteSize) {
        return Math.ceilDiv(byteSize, ZEROS.length) * ZEROS.length;
    }

    private Pointer pointer() {
        return Pointer.toBuffer(host.asByteBuffer());
    }

    @Override
    public void close() {
        CL.clReleaseMemObject(memory);
        arena.close();
    }

    private static <T> T checked(String call, long byteSize, Supplier<T> code) {
        try {
            return code.get();
        } catch (CLException e) {
            throw UserError.failed(
                    "the plain way: " + call + " of " + byteSize + " bytes failed: "
                            + e.getMessage(),
                    e);
        }
    }
}
