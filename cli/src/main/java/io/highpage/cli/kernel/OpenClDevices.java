// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.device.DeviceInfo;

/** Which devices run kernels. */
public final class OpenClDevices {
    private OpenClDevices() {}

    /**
     * {@return whether a device found is an OpenCL one}
     *
     * @param info the device
     */
    public static boolean isOpenCl(DeviceInfo info) {
        return info.name().startsWith("opencl");
    }
}
