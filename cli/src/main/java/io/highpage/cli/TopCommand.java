// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.Printable;
import io.highpage.cli.console.UserError;
import io.highpage.cli.top.OtherProcess;
import io.highpage.cli.top.Sample;
import io.highpage.cli.top.Target;
import io.highpage.cli.top.TopTable;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Shows what a running program has where. */
@Command(
        name = "top",
        description = {
            "Show where the memory of a running program is, who holds it, and how much moves.",
            "Without a process: which JVMs have Highpage, as far as their open files tell."
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class TopCommand implements Callable<Integer> {
    private static final int JSON_ROWS = 1000;
    private static final double INTERVAL_MAX = 3600;

    /** Rates of the first table are of so long. */
    private static final double FIRST_SECONDS = 0.25;

    /** To the upper left corner, and all below it gone. */
    private static final String CLEAR = "\u001b[H\u001b[J";

    @Parameters(
            arity = "0..1",
            paramLabel = "PID",
            description = "The process: its number, as 'highpage top' or jps shows it.")
    private @Nullable String pid;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "How often to look; 1 if not given.")
    private double interval = 1;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "How many times to look; until the program ends if not given.")
    private @Nullable Long count;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!(interval > 0 && interval <= INTERVAL_MAX)) {
            throw UserError.usage("--interval " + interval + " is not above 0 and at most "
                    + (int) INTERVAL_MAX + " seconds");
        }
        if (count != null && count < 1) {
            throw UserError.usage("--count " + count + " is below 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (pid == null) {
            list(out);
        } else if (output.json) {
            json(out, number(pid));
        } else {
            show(out, number(pid));
        }
        out.flush();
        return 0;
    }

    private static long number(String pid) {
        try {
            long number = Long.parseLong(pid);
            if (number > 0 && number <= Integer.MAX_VALUE) {
                return number;
            }
        } catch (NumberFormatException none) {
            // said below
        }
        throw UserError.usage("'" + pid + "' is not the number of a process");
    }

    private void list(PrintWriter out) {
        List<OtherProcess.Found> found = OtherProcess.withHighpage();
        if (output.json) {
            out.println(Json.text(Json.object("processes", found)));
            return;
        }
        found.forEach(jvm -> out.println(jvm.pid() + " " + Printable.line(jvm.name())));
        if (found.isEmpty()) {
            out.println("No JVM with Highpage was found that this user may look into.");
        }
    }

    private static void json(PrintWriter out, long process) {
        try (Target target = Target.attach(process, JSON_ROWS)) {
            out.println(Json.text(Json.object(
                    "pid",
                    process,
                    "runtimes",
                    target.look().stream().map(Sample::json).toList())));
        }
    }

    private void show(PrintWriter out, long process) {
        boolean redraws = System.console() != null && System.console().isTerminal();
        try (Target target = Target.attach(process, TopTable.ROWS)) {
            List<Sample> before = target.look();
            sleep(Math.min(interval, FIRST_SECONDS));
            for (long shown = 0; count == null || shown < count; shown++) {
                if (shown > 0) {
                    sleep(interval);
                }
                List<Sample> now = target.look();
                if (redraws) {
                    System.out.print(CLEAR); // past what makes text printable
                }
                print(out, process, now, before);
                if (out.checkError()) {
                    return; // nobody reads any more
                }
                before = now;
            }
        }
    }

    private static void print(
            PrintWriter out, long process, List<Sample> now, List<Sample> before) {
        if (now.isEmpty()) {
            out.println("process " + process + " has no runtime open now");
        }
        for (Sample sample : now) {
            Optional<Sample> earlier =
                    before.stream().filter(each -> each.isSameRuntime(sample)).findFirst();
            TopTable.lines(process, sample, earlier).forEach(out::println);
            out.println();
        }
    }

    private static void sleep(double seconds) {
        try {
            Thread.sleep((long) (seconds * 1000));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw UserError.failed("interrupted");
        }
    }
}
