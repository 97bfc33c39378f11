// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_AVAILABLE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_GLOBAL_MEM_SIZE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_MAX_MEM_ALLOC_SIZE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_MEM_BASE_ADDR_ALIGN;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_NAME;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_PLATFORM;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_SVM_ATOMICS;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_SVM_CAPABILITIES;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_SVM_COARSE_GRAIN_BUFFER;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_SVM_FINE_GRAIN_BUFFER;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_SVM_FINE_GRAIN_SYSTEM;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE_CPU;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DRIVER_VERSION;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_PLATFORM_NAME;

import io.highpage.internal.os.MemoryLimits;

import java.lang.foreign.MemorySegment;

/**
 * What a driver says of a device.
 *
 * @param platform its platform's handle
 * @param device its handle
 * @param platformName the platform's name, which is the driver's
 * @param deviceName the model
 * @param driverVersion the driver's version
 * @param available whether it can be used
 * @param type bits of {@code CL_DEVICE_TYPE}
 * @param svm bits of {@code CL_DEVICE_SVM_CAPABILITIES}
 * @param memoryBytes its memory; of a CPU no more than this process may have
 * @param maxAllocationBytes the most for one allocation
 * @param subBufferAlignment what the start of a sub-buffer must be a multiple of, in bytes
 */
public record ClDeviceFacts(
        MemorySegment platform,
        MemorySegment device,
        String platformName,
        String deviceName,
        String driverVersion,
        boolean available,
        long type,
        long svm,
        long memoryBytes,
        long maxAllocationBytes,
        long subBufferAlignment) {

    /** {@return what the driver says of a device} */
    public static ClDeviceFacts of(Cl cl, MemorySegment device) {
        MemorySegment platform =
                MemorySegment.ofAddress(cl.deviceNumber(device, CL_DEVICE_PLATFORM()));
        long type = cl.deviceNumber(device, CL_DEVICE_TYPE());
        long memory = cl.deviceNumber(device, CL_DEVICE_GLOBAL_MEM_SIZE());
        return new ClDeviceFacts(
                platform,
                device,
                cl.platformText(platform, CL_PLATFORM_NAME()),
                cl.deviceText(device, CL_DEVICE_NAME()),
                cl.deviceText(device, CL_DRIVER_VERSION()),
                cl.deviceNumber(device, CL_DEVICE_AVAILABLE()) != 0,
                type,
                cl.deviceNumberIfKnown(
                        device, CL_DEVICE_SVM_CAPABILITIES()), // a question of OpenCL 2.0
                isCpu(type)
                        ? Math.min(memory, MemoryLimits.HERE.totalBytes().orElse(memory))
                        : memory,
                cl.deviceNumber(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE()),
                Math.max(1, cl.deviceNumber(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN()) / Byte.SIZE));
    }

    /** {@return platform, model and driver version} */
    public String description() {
        return platformName + ", " + deviceName + ", driver " + driverVersion;
    }

    /**
     * {@return whether bytes that were written to a part of a {@code cl_mem}, by way of a
     * sub-buffer, do not stay there} Seen with NVIDIA's driver 580.
     */
    public boolean losesParts() {
        return platformName.equals("NVIDIA CUDA");
    }

    /** {@return whether the device has shared virtual memory of any kind} */
    public boolean hasSvm() {
        return has(CL_DEVICE_SVM_COARSE_GRAIN_BUFFER()) || has(CL_DEVICE_SVM_FINE_GRAIN_BUFFER());
    }

    /** {@return the level of shared virtual memory in words} */
    public String svmText() {
        if (has(CL_DEVICE_SVM_FINE_GRAIN_SYSTEM())) {
            return "fine-grained system" + atomics();
        }
        if (has(CL_DEVICE_SVM_FINE_GRAIN_BUFFER())) {
            return "fine-grained" + atomics();
        }
        return has(CL_DEVICE_SVM_COARSE_GRAIN_BUFFER()) ? "coarse-grained" : "none";
    }

    private String atomics() {
        return has(CL_DEVICE_SVM_ATOMICS()) ? ", atomics" : "";
    }

    /** {@return whether its memory is the host's} */
    public boolean isCpu() {
        return isCpu(type);
    }

    private static boolean isCpu(long type) {
        return (type & CL_DEVICE_TYPE_CPU()) != 0;
    }

    private boolean has(int capability) {
        return (svm & capability) != 0;
    }
}
