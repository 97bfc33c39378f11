// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.internal.os.NativeLibrary;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a machine may lack: each answers with why a benchmark cannot run here, and what to do. */
public final class Requirements {
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    private Requirements() {}

    /** {@return why the kernel cannot pin memory} */
    public static Optional<String> ioUring() {
        return KernelRing.missing();
    }

    /** {@return why a mapping that asks for huge pages gets none} */
    public static Optional<String> hugePages() {
        try {
            return Files.readString(HUGE_PAGES).contains("[never]")
                    ? Optional.of("huge pages are off; as root: echo madvise > " + HUGE_PAGES)
                    : Optional.empty();
        } catch (IOException absent) {
            return Optional.of("this kernel has no transparent huge pages: " + absent.getMessage());
        }
    }

    /** {@return why there is no native copy} */
    public static Optional<String> nativeLibrary() {
        return NativeLibrary.lookup().isPresent()
                ? Optional.empty()
                : Optional.of("the native library is " + NativeLibrary.status()
                        + "; install gcc and cmake and build");
    }

    /** {@return why so many threads cannot run at the same time} */
    public static Optional<String> processors(int wanted) {
        int found = Runtime.getRuntime().availableProcessors();
        return found >= wanted
                ? Optional.empty()
                : Optional.of("it needs " + wanted + " processors, the JVM sees " + found);
    }

    /** {@return the devices of this machine: the first of each kind} */
    public static List<String> deviceNames() {
        return Devices.find().stream()
                .map(DeviceInfo::name)
                .filter(name -> !name.contains(":") || name.endsWith(":0"))
                .toList();
    }

    /** {@return why there is no such OpenCL device} */
    public static Optional<String> openCl(String device) {
        try {
            Devices.named(device);
            return Optional.empty();
        } catch (IllegalArgumentException none) {
            return Optional.of(none.getMessage());
        }
    }
}
