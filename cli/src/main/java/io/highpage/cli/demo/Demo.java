// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.Device;
import io.highpage.Highpage;
import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.DivisionByZero;
import io.highpage.cli.console.FileLength;
import io.highpage.cli.console.FileTransfer;
import io.highpage.cli.console.Json;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Traffic;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.DeviceTraffic;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Takes real data to a device, has it worked on there, pins it home, checks it and sends it back.
 * One thread.
 */
public final class Demo {
    private final Path file;
    private final Optional<Path> out;
    private final long pageBytes;
    private final PrintWriter lines;
    private final boolean quiet;
    private final List<Object> steps = new ArrayList<>();

    /**
     * Prepares a demo.
     *
     * @param file the data
     * @param out where to write the result, or empty for a temporary file that is deleted in the
     *     end
     * @param pageBytes the size of the pages
     * @param lines takes the story; empty text is not printed
     * @param quiet whether to show no progress and no lines
     */
    public Demo(Path file, Optional<Path> out, long pageBytes, PrintWriter lines, boolean quiet) {
        this.file = file;
        this.out = out;
        this.pageBytes = pageBytes;
        this.lines = lines;
        this.quiet = quiet;
    }

    /**
     * Runs the demo.
     *
     * @param info the device
     * @param deviceMemory a limit on device memory, if any
     * @param trace takes note of which spans the device uses
     * @return what happened: {@code verified}, and the steps with their numbers
     * @throws UserError if the file cannot be read or the result not be written
     */
    public Map<String, Object> run(DeviceInfo info, OptionalLong deviceMemory, AccessTrace trace) {
        try (FileChannel channel = open()) {
            long bytes = channel.size();
            if (bytes == 0) {
                throw UserError.failed("FILE " + file + " is empty: there is nothing to show");
            }
            FileLength.checked("FILE " + file, bytes, 1);
            try (DeviceWork work = DeviceWork.on(info)) {
                Highpage.Builder builder = Highpage.builder().device(work.memory());
                deviceMemory.ifPresent(builder::deviceMemory);
                try (Highpage runtime = builder.open();
                        FileTransfer files = FileTransfer.open(runtime)) {
                    DemoPlan plan = DemoPlan.of(bytes, pageBytes, runtime.device());
                    Workplace place = new Workplace(runtime, work, files, trace);
                    Map<String, Object> story = run(channel, place, plan, info);
                    trace.write();
                    return story;
                }
            }
        } catch (IOException e) {
            throw UserError.io("cannot read FILE " + file, e);
        }
    }

    private FileChannel open() throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw UserError.failed("cannot read FILE " + file + ": it is not a regular file");
        }
        return FileChannel.open(file);
    }

    private Map<String, Object> run(
            FileChannel channel, Workplace place, DemoPlan plan, DeviceInfo info)
            throws IOException {
        Device device = place.device();
        DeviceTraffic before = device.traffic();
        introduce(place, plan, info);
        boolean verified = allRounds(channel, place, plan, before);
        return Json.object(
                "verified", verified,
                "device", info.name(),
                "file", file.toString(),
                "bytes", plan.fileBytes(),
                "pageBytes", plan.pageBytes(),
                "pages", plan.pageCount(),
                "spanBytes", plan.spanBytes(),
                "spans", plan.spanCount(),
                "deviceMemory", device.limitBytes(),
                "rounds", plan.rounds().size(),
                "files", place.files().description(),
                "traffic", new Traffic(before, device.traffic()).json(),
                "steps", steps);
    }

    private void introduce(Workplace place, DemoPlan plan, DeviceInfo info) {
        Device device = place.device();
        say("device   " + info.name() + ", " + device.kind().name().toLowerCase(Locale.ROOT) + ": "
                + info.description());
        say("file     " + file + ", " + Units.count(plan.fileBytes(), "byte") + " in "
                + Units.count(plan.pageCount(), "page") + " of " + Units.bytes(plan.pageBytes())
                + ", " + Units.count(plan.spanCount(), "span") + " of "
                + Units.bytes(plan.spanBytes()) + "; the device has room for "
                + Units.bytes(device.limitBytes()));
        say("read by  " + place.files().description());
        say("picture  . absent, H host, D device: a letter for each span, or how many in a row;"
                + " else for equal shares");
    }

    /** {@return whether all that was checked is right} */
    private boolean allRounds(
            FileChannel channel, Workplace place, DemoPlan plan, DeviceTraffic before)
            throws IOException {
        boolean verified = true;
        try (OutputFile output = output()) {
            for (int i = 0; i < plan.rounds().size(); i++) {
                if (plan.rounds().size() > 1) {
                    say("round " + (i + 1) + " of " + plan.rounds().size()
                            + ": as much as the host has room for");
                }
                try (DemoRound round =
                        new DemoRound(plan, plan.rounds().get(i), place, this::tell, quiet)) {
                    verified &= round.run(file, channel, output);
                }
            }
            Traffic traffic = new Traffic(before, place.device().traffic());
            say("in all   " + traffic);
            verified &= written(output, plan.fileBytes()) & divides();
            output.complete();
        }
        return verified;
    }

    private OutputFile output() throws IOException {
        if (out.isEmpty()) {
            return OutputFile.temporary();
        }
        if (Files.isRegularFile(out.get()) && Files.isSameFile(out.get(), file)) {
            throw UserError.usage("--out " + out.get() + " is FILE itself");
        }
        return OutputFile.create(out.get());
    }

    private boolean written(OutputFile output, long bytes) {
        if (output.byteSize() == bytes) {
            return true;
        }
        say("WRONG length: " + output + " has " + output.byteSize() + " bytes");
        return false;
    }

    // The work has left its driver's signal handlers behind.
    private boolean divides() {
        boolean right = DivisionByZero.throwsAsItShould();
        if (!right) {
            say("WRONG: an integer division by zero in Java no longer throws, since the"
                    + " driver has taken SIGFPE;"
                    + " start by the launcher ./highpage, which preloads libjsig");
        }
        return right;
    }

    private void tell(DemoStep step) {
        steps.add(step.json());
        say(step.toString());
    }

    private void say(String line) {
        if (!quiet) {
            lines.println(line);
            lines.flush();
        }
    }
}
