// SPDX-License-Identifier: Apache-2.0

/** OpenCL devices: those of the machine, and those of a program's own context. */
module io.highpage.opencl {
    requires transitive io.highpage;
    requires io.highpage.bindings;
    requires static org.jspecify;

    exports io.highpage.opencl;

    provides io.highpage.device.DeviceProvider with
            io.highpage.internal.opencl.discovery.OpenClProvider;
}
