// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.Device;
import io.highpage.Highpage;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.replay.ProgramReplayer;
import io.highpage.cli.replay.ProgramResult;
import io.highpage.cli.replay.ProgramTrace;
import io.highpage.cli.replay.ProgramTrace.DeviceOf;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.outcome.Allocation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntConsumer;

/** Replays traces of programs on devices of this machine that are like theirs. */
final class ProgramRuns {
    private final @Nullable String device;
    private final OptionalLong memory;
    private final int scale;
    private final Set<String> notes = new LinkedHashSet<>();

    /**
     * Makes one for a command.
     *
     * @param device the device to use for all, if one was asked for
     * @param memory how much of each there is to be before it is scaled down, if that was asked for
     * @param scale how many times smaller all is to be
     */
    ProgramRuns(@Nullable String device, OptionalLong memory, int scale) {
        this.device = device;
        this.memory = memory;
        this.scale = scale;
    }

    /** {@return the trace as it is to be run, which this machine has memory for} */
    ProgramTrace checked(ProgramTrace trace) {
        ProgramTrace sized;
        try {
            sized = trace.scaledDown(
                    scale, SystemMemory.basePageBytes(), Allocation.SPAN_BYTES_MIN);
        } catch (IllegalArgumentException tooSmall) {
            throw UserError.usage("--scale " + scale + ": " + tooSmall.getMessage());
        }
        OptionalLong available = SystemMemory.availableBytes();
        // Their homes, and at most as much again in devices of host memory.
        if (available.isPresent() && sized.peakBytes() > available.getAsLong() / 2) {
            throw UserError.failed("the buffers of " + trace.name() + " have "
                    + Units.bytes(sized.peakBytes()) + " at once, and this machine has "
                    + Units.bytes(available.getAsLong())
                    + " of memory, of which a replay takes twice that; --scale N makes them N times"
                    + " smaller");
        }
        return sized;
    }

    /** {@return what came of a trace that was {@link #checked}} */
    ProgramResult run(ProgramTrace trace, IntConsumer progress) {
        Highpage.Builder builder = Highpage.builder();
        List<DeviceOf> devices =
                trace.devices().isEmpty() ? List.of(new DeviceOf("host", 0)) : trace.devices();
        devices.forEach(each -> builder.device(like(each.name()).open()));
        try (Highpage runtime = builder.open()) {
            List<Device> opened = runtime.devices();
            for (int i = 0; i < opened.size(); i++) {
                long bytes = memory.isPresent()
                        ? memory.getAsLong() / scale
                        : devices.get(i).memoryBytes();
                if (bytes < opened.get(i).limitBytes()) {
                    runtime.budget().deviceMemory(opened.get(i), bytes);
                }
            }
            return new ProgramReplayer(runtime, progress).replay(trace);
        }
    }

    /** {@return what is to be said of how they ran} */
    List<String> notes() {
        return new ArrayList<>(notes);
    }

    /** {@return the device that was asked for, the one of that name, or one of the same kind} */
    private DeviceInfo like(String name) {
        if (device != null) {
            return DeviceOptions.named(device);
        }
        Optional<DeviceInfo> same = Devices.find().stream()
                .filter(found -> found.name().equals(name))
                .findFirst();
        if (same.isPresent()) {
            return same.get();
        }
        // Coherent devices are called host and opencl, or opencl:1.
        String stand = name.matches("(host|opencl)(:\\d+)?") ? "host" : "host-private";
        notes.add("there is no device " + name + " here, so " + stand + " stands for it; --device"
                + " takes another one");
        return DeviceOptions.named(stand);
    }
}
