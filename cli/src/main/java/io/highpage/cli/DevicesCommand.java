// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.Printable;
import io.highpage.cli.console.Units;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.internal.os.MemoryLimits;
import io.highpage.internal.os.MemoryLimits.Bound;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;

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
    /** Wide enough for a driver's name in one or two lines. */
    private static final int WIDE = 48;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<DeviceInfo> devices = Devices.find();
        List<String> missing = Devices.missing();
        PrintWriter out = spec.commandLine().getOut();
        if (output.json) {
            Map<String, Object> json = Json.object(
                    "devices",
                    devices.stream().map(DevicesCommand::json).toList(),
                    "missing",
                    missing);
            MemoryLimits.HERE.tightest().ifPresent(host -> json.put("hostMemory", json(host)));
            out.println(Json.text(json));
        } else {
            out.println(AsciiTable.getTable(
                    AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, devices, columns()));
            out.println("The first one is used where none is named.");
            devices.stream()
                    .filter(device -> !device.copies().isEmpty())
                    .map(device -> device.name() + " copies " + device.copies())
                    .forEach(line -> out.println(Printable.line(line)));
            MemoryLimits.HERE.tightest().ifPresent(host -> out.println(inWords(host)));
            missing.forEach(text -> out.println("Missing: " + text));
        }
        out.flush();
        return 0;
    }

    private static List<ColumnData<DeviceInfo>> columns() {
        return List.of(
                column("name", DeviceInfo::name),
                column("device and driver", DeviceInfo::description),
                column("SVM", DeviceInfo::svm),
                column("used as", DevicesCommand::kind),
                column("because", DeviceInfo::reason),
                column("memory", device -> Units.bytes(device.capacityBytes())),
                column("one buffer", device -> Units.bytes(device.maxExtentBytes())));
    }

    private static ColumnData<DeviceInfo> column(
            String header, Function<DeviceInfo, String> value) {
        return new Column()
                .header(header)
                .headerAlign(LEFT)
                .dataAlign(LEFT)
                .maxWidth(WIDE)
                .with(device -> Printable.line(value.apply(device)));
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
