// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.UserError;
import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Which device, and how much of it. */
final class DeviceOptions {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "A device as 'highpage devices' names it; the best one if not given.")
    @Nullable
    String name;

    @Option(
            names = "--device-memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "The most device memory to take; all that the device has if not given.")
    @Nullable
    Long memory;

    @Option(
            names = "--record-accesses",
            paramLabel = "FILE",
            description = "Where to write which parts of the data kernels used, in order, for"
                    + " 'highpage bench policy'.")
    @Nullable
    Path accesses;

    /** {@return the files that a command writes, if it records accesses too} */
    List<Path> outputs(List<Path> others) {
        List<Path> all = new ArrayList<>(others);
        if (accesses != null) {
            all.add(accesses);
        }
        return all;
    }

    /**
     * {@return where accesses are written down, which the caller closes}
     *
     * @param others files that the command reads or writes
     */
    AccessTrace trace(List<Path> others) {
        return AccessTrace.to(Optional.ofNullable(accesses), others);
    }

    /** {@return the device that was asked for, else the best one} */
    DeviceInfo find() {
        return name == null ? Devices.find().getFirst() : named(name);
    }

    /** {@return the OpenCL device that was asked for, else the best one} */
    DeviceInfo findOpenCl() {
        return name == null ? openCl().getFirst() : openClNamed(name);
    }

    /**
     * {@return the OpenCL devices, the best first}
     *
     * @throws UserError if there is none
     */
    static List<DeviceInfo> openCl() {
        List<DeviceInfo> found =
                Devices.find().stream().filter(OpenClDevices::isOpenCl).toList();
        if (found.isEmpty()) {
            throw noOpenCl("kernels in OpenCL C need an OpenCL device");
        }
        return found;
    }

    /**
     * {@return the OpenCL device of a name}
     *
     * @param name the name
     * @throws UserError if there is none, or it is another kind of device
     */
    static DeviceInfo openClNamed(String name) {
        DeviceInfo device = named(name);
        if (!OpenClDevices.isOpenCl(device)) {
            throw UserError.usage(
                    "--device " + name + " is no OpenCL device; kernels in OpenCL C need one");
        }
        return device;
    }

    /** {@return the limit on device memory} */
    OptionalLong limit() {
        return memory == null ? OptionalLong.empty() : OptionalLong.of(memory);
    }

    /**
     * {@return the device of a name}
     *
     * @param name the name
     * @throws UserError if there is none
     */
    static DeviceInfo named(String name) {
        try {
            return Devices.named(name);
        } catch (IllegalArgumentException none) {
            if (name.startsWith("opencl")
                    && Devices.find().stream().noneMatch(OpenClDevices::isOpenCl)) {
                throw noOpenCl("--device " + name);
            }
            throw UserError.usage("--device " + name + ": " + none.getMessage());
        }
    }

    private static UserError noOpenCl(String what) {
        return UserError.failed(what + ": " + String.join("; ", Devices.missing()));
    }
}
