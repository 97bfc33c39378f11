// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

/** Who can touch a device's memory. */
public enum DeviceKind {
    /**
     * The CPU can read and write it in place, as Linux's {@code MEMORY_DEVICE_COHERENT} (OpenCL
     * fine-grained SVM): short-term holds leave pages there, long-term pins bring them home.
     */
    COHERENT,
    /**
     * The CPU cannot touch it, as Linux's {@code MEMORY_DEVICE_PRIVATE} (OpenCL coarse-grained SVM,
     * {@code cl_mem}): pages come home whenever the CPU needs them.
     */
    PRIVATE
}
