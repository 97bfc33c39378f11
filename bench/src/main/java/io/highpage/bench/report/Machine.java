// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.device.Devices;
import io.highpage.internal.os.NativeLibrary;
import io.highpage.internal.os.ProcFile;

import java.nio.file.Path;

/**
 * What the numbers were measured on.
 *
 * @param cpu model of the processor
 * @param processors how many the JVM sees
 * @param virtual whether it is a virtual machine
 * @param memory of the machine
 * @param kernel name and version
 * @param hugePages the kernel's policy on transparent huge pages
 * @param jdk version of the JVM
 * @param nativeLibrary whether the native copier is there
 * @param device that pages come home from
 * @param openClDevice that is compared with other libraries on the same driver
 */
public record Machine(
        String cpu,
        int processors,
        boolean virtual,
        String memory,
        String kernel,
        String hugePages,
        String jdk,
        String nativeLibrary,
        String device,
        String openClDevice) {

    /**
     * {@return this machine}
     *
     * @param suite which devices are told of
     */
    public static Machine find(Suite suite) {
        return new Machine(
                value("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                value("/proc/cpuinfo", "flags").matches(".*\\bhypervisor\\b.*"),
                value("/proc/meminfo", "MemTotal"),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                value("/sys/kernel/mm/transparent_hugepage/enabled", ""),
                System.getProperty("java.vm.name") + " " + Runtime.version(),
                NativeLibrary.status(),
                describe(suite.device()),
                describe(suite.openClDevice()));
    }

    /** {@return the machine in a few words} */
    String text() {
        return processors + "-core " + (virtual ? "VM" : "machine") + ", " + cpu + ", " + kernel
                + ", " + jdk;
    }

    private static String describe(String device) {
        return Devices.find().stream()
                .filter(found -> found.name().equals(device) || found.name().equals(device + ":0"))
                .map(found -> found.name() + ": " + found.description() + ", "
                        + found.kind().name().toLowerCase(java.util.Locale.ROOT))
                .findFirst()
                .orElse(device + ": not found");
    }

    private static String value(String file, String key) {
        return ProcFile.field(Path.of(file), key)
                .map(text -> text.substring(text.indexOf(':') + 1).strip())
                .orElse("unknown");
    }
}
