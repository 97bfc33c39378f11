// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

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

    /** {@return the mode in words, such as {@code fine-grained SVM}} */
    @Override
    public String toString() {
        return text;
    }
}
