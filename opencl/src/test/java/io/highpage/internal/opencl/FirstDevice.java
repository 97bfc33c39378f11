// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.highpage.internal.opencl.discovery.OpenClProvider;
import io.highpage.internal.os.NativeLibrary;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Tests that need an OpenCL driver ask here. Without one they are skipped, and say which package to
 * install; with {@code HIGHPAGE_REQUIRE_OPENCL=true} in the environment (or as a system property)
 * they fail instead.
 */
public final class FirstDevice {
    private FirstDevice() {}

    /** {@return the first device} */
    public static ClDeviceFacts device() {
        Optional<String> missing = new OpenClProvider().missing();
        List<ClDeviceFacts> devices = Cl.missing().isPresent() ? List.of() : devices();
        if (devices.isEmpty()) {
            missing(missing.orElse("no OpenCL device"));
        }
        return devices.getFirst();
    }

    /** Ends a test for want of something that has to do with OpenCL. */
    static void missing(String text) {
        if (isRequired()) {
            fail(text);
        }
        abort(text);
    }

    /** Ends a test of what drivers call where it is not there. */
    static void needsNativeLibrary() {
        if (NativeLibrary.lookup().isEmpty()) {
            missing("what drivers call was NOT tested: the native library is "
                    + NativeLibrary.status());
        }
    }

    /** {@return the first device's handle} */
    public static MemorySegment handle() {
        return device().device();
    }

    private static List<ClDeviceFacts> devices() {
        Cl cl = Cl.open();
        return cl.platforms().stream()
                .flatMap(platform -> cl.devices(platform).stream())
                .map(device -> ClDeviceFacts.of(cl, device))
                .filter(ClDeviceFacts::available)
                .toList();
    }

    private static boolean isRequired() {
        String name = "HIGHPAGE_REQUIRE_OPENCL";
        return Boolean.parseBoolean(System.getProperty(name, System.getenv(name)));
    }
}
