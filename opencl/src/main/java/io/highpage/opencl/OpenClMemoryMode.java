// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_SVM_COARSE_GRAIN_BUFFER;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_SVM_FINE_GRAIN_BUFFER;

import io.highpage.device.DeviceKind;

/** Which kind of OpenCL memory a device's pages live in. */
public enum OpenClMemoryMode {
    /** {@code clSVMAlloc} with the fine-grain flag: the CPU reads and writes it in place. */
    FINE_GRAINED_SVM(DeviceKind.COHERENT, "fine-grained SVM"),
    /** {@code clSVMAlloc}: kernels get a pointer, the CPU's copies go through the driver. */
    COARSE_GRAINED_SVM(DeviceKind.PRIVATE, "coarse-grained SVM"),
    /** {@code clCreateBuffer}, on any OpenCL device: kernels get a {@code cl_mem}. */
    BUFFER(DeviceKind.PRIVATE, "cl_mem");

    private final DeviceKind kind;
    private final String text;

    OpenClMemoryMode(DeviceKind kind, String text) {
        this.kind = kind;
        this.text = text;
    }

    /** {@return who can touch memory of this mode} */
    public DeviceKind kind() {
        return kind;
    }

    /**
     * {@return whether a device has such memory}
     *
     * @param svmCapabilities what it says for {@code CL_DEVICE_SVM_CAPABILITIES}, 0 if it does not
     *     know the question
     */
    public boolean isSupported(long svmCapabilities) {
        return switch (this) {
            case FINE_GRAINED_SVM -> (svmCapabilities & CL_DEVICE_SVM_FINE_GRAIN_BUFFER()) != 0;
            case COARSE_GRAINED_SVM -> (svmCapabilities & CL_DEVICE_SVM_COARSE_GRAIN_BUFFER()) != 0;
            case BUFFER -> true;
        };
    }

    /** {@return the mode in words, such as {@code fine-grained SVM}} */
    @Override
    public String toString() {
        return text;
    }
}
