// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.DeviceInfo;
import io.highpage.device.Extent;
import io.highpage.internal.opencl.discovery.OpenClProvider;
import io.highpage.opencl.JvmSignals;
import io.highpage.opencl.OpenClDevice;

/** Runs a kernel and divides by zero, in a JVM of its own. Prints what happened. */
final class SignalsMain {
    private SignalsMain() {}

    public static void main(String[] arguments) {
        System.out.println("before " + JvmSignals.now());
        DeviceInfo info = new OpenClProvider().find().getFirst();
        System.out.println("found " + JvmSignals.now());
        try (OpenClDevice device = (OpenClDevice) info.open()) {
            System.out.println("opened " + JvmSignals.now());
            try (TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
                Extent extent = device.allocate(TestRuns.PAGE);
                kernel.add(extent.view(0, TestRuns.PAGE), 1, 1);
                extent.free();
            }
        }
        System.out.println("ran " + JvmSignals.now());
        System.out.println("warning " + JvmSignals.now().warning().isPresent());
        System.out.println("division " + divide(1, arguments.length));
    }

    /** {@return the quotient in words} */
    static String divide(int dividend, int divisor) {
        try {
            return "gave " + dividend / divisor;
        } catch (ArithmeticException expected) {
            return "threw";
        }
    }
}
