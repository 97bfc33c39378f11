// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.Json;
import io.highpage.cli.console.Notes;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.UserError;
import io.highpage.cli.demo.Demo;
import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Shows the main job on real data. */
@Command(
        name = "demo",
        description = {
            "Take a file to the device, work on it there, pin it home, check every byte, send"
                    + " it back.",
            "Ends with 'verified' or 'failed'."
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class DemoCommand implements Callable<Integer> {
    private static final long LARGEST_PAGE = 1L << 30;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The data; the JDK's own lib/modules if not given.")
    private @Nullable Path file;

    @Option(
            names = "--page-size",
            paramLabel = "N",
            converter = SizeConverter.class,
            description =
                    "Size of the pages, a power of two up to 1G; the system's base page if not"
                            + " given.")
    private @Nullable Long pageBytes;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where to write the result; a temporary file, deleted afterwards, if not"
                    + " given.")
    private @Nullable Path out;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Path> outputs = out == null ? List.of() : List.of(out);
        PrintWriter lines = output.report(device.outputs(outputs), spec.commandLine());
        DeviceInfo info = device.find();
        if (!output.json && device.name == null && !OpenClDevices.isOpenCl(info)) {
            lines.println("On the built-in host device, because of: "
                    + String.join("; ", Devices.missing()));
        }
        output.tellOfLeftovers(device.outputs(outputs), spec.commandLine().getErr());
        Path data =
                file == null ? Path.of(System.getProperty("java.home"), "lib", "modules") : file;
        List<Path> files = new ArrayList<>(outputs);
        files.add(data);
        Demo demo = new Demo(data, Optional.ofNullable(out), pageBytes(), lines, output.json);
        Map<String, Object> story;
        try (Notes notes = Notes.keep();
                AccessTrace trace = device.trace(files)) {
            story = demo.run(info, device.limit(), trace);
            List<String> told = notes.take();
            story.put("notes", told);
            if (!output.json) {
                told.forEach(note -> lines.println("note     " + note));
            }
        }
        boolean verified = (boolean) Objects.requireNonNull(story.get("verified"));
        lines.println(output.json ? Json.text(story) : verified ? "verified" : "failed");
        lines.flush();
        return verified ? 0 : UserError.FAILED;
    }

    private long pageBytes() {
        long base = SystemMemory.basePageBytes();
        if (pageBytes == null) {
            return base;
        }
        if (Long.bitCount(pageBytes) != 1 || pageBytes < base || pageBytes > LARGEST_PAGE) {
            throw UserError.usage("--page-size " + pageBytes + " is not a power of two from " + base
                    + " (the system's base page) to " + LARGEST_PAGE);
        }
        return pageBytes;
    }
}
