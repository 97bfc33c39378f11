// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.jocl;

import io.highpage.DeviceAccess;
import io.highpage.DeviceException;
import io.highpage.Pin;
import io.highpage.device.Completion;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jocl.CL;
import org.jocl.NativePointerObject;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_event;
import org.jocl.cl_kernel;

/**
 * Lets a program that uses JOCL give its kernels Highpage's memory.
 *
 * {@snippet :
 * OpenClDevice memory = Jocl.device(context, device, queue);
 * try (Highpage hp = Highpage.builder().device(memory).open();
 *         PageBuffer buffer = hp.allocate(256L << 20);
 *         DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
 *     Jocl.setArgument(kernel, 0, access);
 *     cl_event done = new cl_event();
 *     CL.clEnqueueNDRangeKernel(queue, kernel, 1, null, new long[] {items}, null, 0, null, done);
 *     Jocl.completesWith(access, done);
 * }
 * }
 *
 * <p>Thread-safe, as far as OpenCL is: a kernel object is for one thread at a time.
 */
public final class Jocl {
    /** The JDK makes no larger buffer of a segment, as it makes no larger array. */
    private static final int LARGEST_BUFFER = Integer.MAX_VALUE - 8;

    private Jocl() {}

    /**
     * Makes a device of a program's own context, with the best kind of memory that the driver offers.
     *
     * @param context the context; has to stay valid until the device is closed
     * @param device one of the context's devices
     * @param queue a queue of that context and device, used for copies
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}
     * @throws IllegalArgumentException if one of them has been released or never made
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice device(cl_context context, cl_device_id device, cl_command_queue queue) {
        return OpenClDevice.of(pointer("context", context), pointer("device", device), pointer("queue", queue));
    }

    /**
     * Makes a device of a program's own context.
     *
     * @param context the context; has to stay valid until the device is closed
     * @param device one of the context's devices
     * @param queue a queue of that context and device, used for copies
     * @param mode the kind of memory to use
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}
     * @throws IllegalArgumentException if one of them has been released or never made
     * @throws DeviceException if the driver failed, or does not offer that kind of memory
     */
    public static OpenClDevice device(
            cl_context context, cl_device_id device, cl_command_queue queue, OpenClMemoryMode mode) {
        return OpenClDevice.of(pointer("context", context), pointer("device", device), pointer("queue", queue), mode);
    }

    /**
     * Gives a kernel an access's memory: a pointer where the device has pointers, else its {@code cl_mem}. The access
     * has to stay open until the kernel has ended, see {@link #completesWith}.
     *
     * @param kernel the kernel
     * @param index which argument, from 0
     * @param access an open access of an OpenCL device
     * @throws IllegalArgumentException if the access is of another kind of device
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver refuses the argument
     */
    public static void setArgument(cl_kernel kernel, int index, DeviceAccess access) {
        OpenClDevice memory = memory(access);
        if (memory.mode() == OpenClMemoryMode.BUFFER) {
            long[] handle = {access.handle().address()};
            check("clSetKernelArg", index, access, CL.clSetKernelArg(kernel, index, Sizeof.cl_mem, Pointer.to(handle)));
        } else {
            Pointer pointer = Pointer.toBuffer(oneByte(access.segment()));
            check("clSetKernelArgSVMPointer", index, access, CL.clSetKernelArgSVMPointer(kernel, index, pointer));
        }
    }

    /**
     * Tells an access of a command that uses its memory, so that closing it waits for that command.
     *
     * @param access an open access of an OpenCL device
     * @param event the command's event; the access keeps its own reference, so the program may release it at once
     * @throws IllegalArgumentException if the access is of another kind of device, or there is no such event
     * @throws IllegalStateException if the access is closed
     */
    public static void completesWith(DeviceAccess access, cl_event event) {
        access.completesWith(completion(memory(access), event));
    }

    /**
     * Makes a completion of a command.
     *
     * @param memory the device that runs it
     * @param event the command's event
     * @return waits for the command
     * @throws IllegalArgumentException if there is no such event
     */
    public static Completion completion(OpenClDevice memory, cl_event event) {
        return memory.completion(pointer("event", event));
    }

    /**
     * {@return a pin's bytes as a direct buffer in native byte order, valid until the pin is closed}
     *
     * @param pin an open pin of at most 2 GiB less 9 bytes, which is where buffers end
     * @throws IllegalArgumentException if the pin is larger
     * @throws IllegalStateException if the pin is closed
     */
    public static ByteBuffer buffer(Pin pin) {
        MemorySegment segment = pin.segment();
        if (segment.byteSize() > LARGEST_BUFFER) {
            throw new IllegalArgumentException("a ByteBuffer holds at most " + LARGEST_BUFFER
                    + " bytes, but the pin has byteSize=" + segment.byteSize() + "; pin smaller ranges");
        }
        return segment.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    private static OpenClDevice memory(DeviceAccess access) {
        if (access.device().memory() instanceof OpenClDevice memory) {
            return memory;
        }
        throw new IllegalArgumentException(
                "device=" + access.device().name() + " is not an OpenCL device; JOCL cannot use its memory");
    }

    private static MemorySegment pointer(String what, NativePointerObject object) {
        long pointer = Objects.requireNonNull(object, what).getNativePointer();
        if (pointer == 0) {
            throw new IllegalArgumentException(what + "=" + object + " is null: never made, or released already");
        }
        return MemorySegment.ofAddress(pointer);
    }

    // JOCL takes addresses only as direct buffers. OpenCL looks at the address alone, so one byte will do for a range
    // of any
    // size, also beyond the 2 GiB of buffers. Nobody reads that byte: it may be the device's.
    @SuppressWarnings("restricted")
    private static ByteBuffer oneByte(MemorySegment segment) {
        return MemorySegment.ofAddress(segment.address()).reinterpret(1).asByteBuffer();
    }

    private static void check(String call, int index, DeviceAccess access, int status) {
        if (status != CL.CL_SUCCESS) {
            throw new DeviceException(
                    call + " failed with " + CL.stringFor_errorCode(status) + " (" + status + "): argument=" + index
                            + " device=" + access.device().name() + " byteSize=" + access.byteSize(),
                    null);
        }
    }
}
