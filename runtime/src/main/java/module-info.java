// SPDX-License-Identifier: Apache-2.0

/** Memory pages that move between host and device, and stay put when somebody needs them to. */
@SuppressWarnings("module") // modules that internals are exported to are compiled later
module io.highpage {
    requires io.highpage.bindings;
    requires io.highpage.natives;
    requires jdk.jfr;
    requires static java.management;
    requires static org.jspecify;

    exports io.highpage;
    exports io.highpage.device;
    exports io.highpage.host;
    exports io.highpage.management;
    exports io.highpage.outcome;
    // Loops of closes, which are the same everywhere.
    exports io.highpage.internal.close to
            io.highpage.opencl,
            io.highpage.pipe,
            io.highpage.uring;
    // Copies by several threads, for what goes to a driver by way of memory of its own.
    exports io.highpage.internal.copy to
            io.highpage.opencl;
    // What is told in the program's log.
    exports io.highpage.internal.log to
            io.highpage.opencl;
    // Who has a device, so that it is not closed under a runtime.
    exports io.highpage.internal.memory to
            io.highpage.opencl;
    // System calls of io_uring, and what the doctor command reports: signals, the native library,
    // limits.
    exports io.highpage.internal.os to
            io.highpage.cli,
            io.highpage.opencl,
            io.highpage.pipe,
            io.highpage.uring;
    // To all: beside modules builds put tools for tests on the class path, docs/decisions/0281.
    exports io.highpage.internal.watch;

    // Room on the stack before a step that must not end in the middle; whether Java lets native
    // code be called.
    exports io.highpage.internal.jvm to
            io.highpage.cli,
            io.highpage.opencl,
            io.highpage.uring;

    // What is looked after in the background.
    exports io.highpage.internal.work to
            io.highpage.opencl;

    uses io.highpage.device.DeviceProvider;

    provides io.highpage.device.DeviceProvider with
            io.highpage.internal.host.HostDeviceProvider;
}
