// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Block;
import io.highpage.cli.console.Json;
import io.highpage.cli.console.Printable;
import io.highpage.cli.console.Units;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.internal.os.MemoryLimits;
import io.highpage.internal.os.MemoryLimits.Bound;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** Lists the devices of this machine. */
@Command(
        name = "devices",
        description = "List every device found: what its memory is used as and why, how bytes are"
                + " copied there, as far as that has been measured; and how much host memory there"
                + " is.",
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class DevicesCommand implements Callable<Integer> {
    private static final int MARGIN = 18;

    @Mixin
    private OutputOptions output;

    @ArgGroup(exclusive = false)
    @Nullable
    private Discovery discovery;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (discovery != null) {
            out.println(discovery.found());
        } else {
            list(out);
        }
        out.flush();
        return 0;
    }

    private void list(PrintWriter out) {
        List<DeviceInfo> devices = Devices.find();
        List<String> missing = Devices.missing();
        if (output.json) {
            Map<String, Object> json = Json.object(
                    "devices",
                    devices.stream().map(DevicesCommand::json).toList(),
                    "missing",
                    missing);
            MemoryLimits.HERE.tightest().ifPresent(host -> json.put("hostMemory", json(host)));
            out.println(Json.text(json));
        } else {
            devices.forEach(device -> print(out, device));
            out.println("The first one is used where none is named.");
            MemoryLimits.HERE
                    .tightest()
                    .ifPresent(host -> Block.lines("", 0, inWords(host)).forEach(out::println));
            missing.forEach(text ->
                    Block.lines("Missing: ", MARGIN, Printable.line(text)).forEach(out::println));
        }
    }

    private static void print(PrintWriter out, DeviceInfo device) {
        List<String> told = new ArrayList<>();
        told.add(kind(device) + ", " + Units.bytes(device.capacityBytes()) + ", one buffer up to "
                + Units.bytes(device.maxExtentBytes()));
        told.add(device.reason());
        told.add(device.description());
        if (!device.svm().equals("-")) {
            told.add("SVM: " + device.svm());
        }
        String copies = device.copies();
        if (!copies.isEmpty()) {
            told.add("copies " + copies);
        }
        String text = told.stream().map(Printable::line).collect(Collectors.joining("\n"));
        Block.lines(Printable.line(device.name()) + " ", MARGIN, text).forEach(out::println);
    }

    /** What is there for the buffers of a runtime that has no limit of its own. */
    private static String inWords(Bound host) {
        return "Host memory: of the " + Units.bytes(host.limit()) + " of " + host.name() + " "
                + Units.bytes(used(host)) + " are in use; buffers may take what is left, unless"
                + " their budget has less.";
    }

    /** Cached files, which the kernel gives up, are not in use, and swap can be used too. */
    private static long used(Bound host) {
        return Math.max(0, host.limit() - host.free());
    }

    private static Map<String, Object> json(Bound host) {
        return Json.object("of", host.name(), "limitBytes", host.limit(), "usedBytes", used(host));
    }

    private static Map<String, Object> json(DeviceInfo device) {
        return Json.object(
                "name", device.name(),
                "description", device.description(),
                "svm", device.svm(),
                "kind", kind(device),
                "reason", device.reason(),
                "copies", device.copies(),
                "capacityBytes", device.capacityBytes(),
                "maxExtentBytes", device.maxExtentBytes());
    }

    private static String kind(DeviceInfo device) {
        return device.kind().name().toLowerCase(Locale.ROOT);
    }
}
