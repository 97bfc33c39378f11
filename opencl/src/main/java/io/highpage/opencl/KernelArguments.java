// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_LOCAL_MEM_SIZE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_NUM_ARGS;

import io.highpage.DeviceAccess;
import io.highpage.internal.opencl.Cl;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The arguments of a launch: all are looked at before the first is set. */
final class KernelArguments {
    private final Cl cl;
    private final MemorySegment kernel;
    private final List<Setting> settings = new ArrayList<>();
    private final List<DeviceAccess> accesses = new ArrayList<>();
    private long localBytes; // of all of them

    /** Sets one argument, which is right as far as can be known. */
    private interface Setting {
        void set(int index);
    }

    private KernelArguments(Cl cl, MemorySegment kernel) {
        this.cl = cl;
        this.kernel = kernel;
    }

    /**
     * {@return arguments that can be set}
     *
     * @param context the kernel's
     * @throws IllegalArgumentException if one cannot be what the kernel takes
     * @throws IllegalStateException if an access is closed
     */
    static KernelArguments of(
            Cl cl, MemorySegment kernel, MemorySegment context, @Nullable Object[] given) {
        long count = cl.kernelNumber(kernel, CL_KERNEL_NUM_ARGS());
        if (count != given.length) {
            throw new IllegalArgumentException("kernel " + cl.kernelName(kernel) + " has " + count
                    + " arguments, not " + given.length + ": give all of them, in order");
        }
        KernelArguments arguments = new KernelArguments(cl, kernel);
        for (int index = 0; index < given.length; index++) {
            arguments.add(KernelParameter.of(cl, kernel, index), context, given[index]);
        }
        return arguments;
    }

    private void add(KernelParameter parameter, MemorySegment context, @Nullable Object given) {
        settings.add(
                switch (given) {
                    case DeviceAccess access -> ofAccess(parameter, context, access);
                    case KernelArgument argument -> ofArgument(parameter, argument);
                    case MemorySegment bytes -> {
                        parameter.requireBytes(bytes.byteSize());
                        yield value(bytes);
                    }
                    case Number number -> ofNumber(parameter, number);
                    case null, default -> throw parameter.noArgument(given);
                });
    }

    private Setting ofAccess(
            KernelParameter parameter, MemorySegment context, DeviceAccess access) {
        OpenClDevice device = OpenClDevice.of(access);
        device.requireContext("kernel", context);
        MemorySegment memory = device.memoryOf(access);
        parameter.requireAccess(access);
        accesses.add(access);
        return device.mode() == OpenClMemoryMode.BUFFER
                ? index -> cl.setArgument(kernel, index, memory)
                : index -> cl.setSvmArgument(kernel, index, memory);
    }

    private Setting ofArgument(KernelParameter parameter, KernelArgument argument) {
        parameter.requireKind(argument);
        if (argument.kind() == KernelArgument.Kind.LOCAL) {
            localBytes = Math.min(localBytes, Long.MAX_VALUE - argument.number());
            localBytes += argument.number();
        }
        MemorySegment memory = MemorySegment.ofAddress(argument.number());
        return switch (argument.kind()) {
            case LOCAL -> index -> cl.setLocalArgument(kernel, index, argument.number());
            case OBJECT, SAMPLER -> index -> cl.setArgument(kernel, index, memory);
            case POINTER -> index -> cl.setSvmArgument(kernel, index, memory);
        };
    }

    private Setting ofNumber(KernelParameter parameter, Number number) {
        MemorySegment bytes = scalar(number);
        if (bytes == null) {
            throw parameter.noArgument(number);
        }
        parameter.requireScalar(number, bytes.byteSize());
        return value(bytes);
    }

    private Setting value(MemorySegment bytes) {
        return index -> cl.setValueArgument(kernel, index, bytes);
    }

    /** {@return a number's bytes as OpenCL takes them, or null if it is no scalar} */
    private static @Nullable MemorySegment scalar(Number given) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        switch (given) {
            case Byte number -> bytes.put(number);
            case Short number -> bytes.putShort(number);
            case Integer number -> bytes.putInt(number);
            case Long number -> bytes.putLong(number);
            case Float number -> bytes.putFloat(number);
            case Double number -> bytes.putDouble(number);
            default -> {
                return null;
            }
        }
        return MemorySegment.ofBuffer(bytes.flip());
    }

    /**
     * Refuses more local memory than a device has: some drivers end the process for it.
     *
     * @throws IllegalArgumentException if it is more
     */
    void requireLocal(MemorySegment device) {
        if (localBytes == 0) {
            return;
        }
        long most = cl.deviceNumberIfKnown(device, CL_DEVICE_LOCAL_MEM_SIZE());
        if (most != 0 && localBytes > most) {
            throw new IllegalArgumentException("kernel " + cl.kernelName(kernel) + " is given "
                    + localBytes + " bytes of local memory for each group: the device has " + most
                    + "; use smaller groups, with less for each");
        }
    }

    /** Sets them. */
    void set() {
        for (int index = 0; index < settings.size(); index++) {
            settings.get(index).set(index);
        }
    }

    /** {@return the accesses among them} */
    List<DeviceAccess> accesses() {
        return accesses;
    }
}
