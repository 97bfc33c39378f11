// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import io.highpage.bench.BusyCores;
import io.highpage.bench.report.Bench;
import io.highpage.bench.report.Form;
import io.highpage.bench.report.Report;
import io.highpage.bench.report.Row;
import io.highpage.bench.report.Suite;
import io.highpage.bench.report.Tables;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/** The command {@code highpage bench}. */
@Command(
        name = "highpage bench",
        description =
                "Measure Highpage against its baselines, and compare with the numbers to reach.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Ratios compare what ran side by side; absolute times differ between machines and"
                    + " hours.",
            "A row that cannot be measured here says why. Ends with 0 whether the targets are"
                    + " met or not.",
            "'highpage bench spark' measures jobs and columns of Apache Spark; it has help of its"
                    + " own."
        },
        subcommands = {
            TableCommand.class,
            TimesCommand.class,
            ChartCommand.class,
            PolicyCommand.class,
            FragmentationCommand.class
        })
public final class Main implements Callable<Integer> {
    private static final String FIRST_OPENCL = "opencl:0";

    @Option(
            names = "--quick",
            description = "Every row in about three minutes: few sizes, short, less precise.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write everything to a file.")
    private Path json;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "host",
            description = {
                "The device that pages come home from, as 'highpage devices' names it; default:"
                        + " host.",
                "If it is an OpenCL device, it is also compared with JOCL and LWJGL, else"
                        + " opencl:0 is."
            })
    private String device;

    @Option(
            names = "--only",
            paramLabel = "REGEX",
            defaultValue = "",
            description = {
                "Run the classes that match, such as 'Peers|PinHome'; with --quick also those",
                "that have no row and that it leaves out else."
            })
    private Pattern only;

    @Option(
            names = "--busy",
            description = "Keep every processor busy with a thread of somebody else's meanwhile.")
    private boolean busy;

    private final long began = System.nanoTime();

    @Spec
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs the command and ends the JVM: 0 if all went well, 1 if it failed, 2 if the command line
     * makes no sense.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        System.exit(line().execute(arguments));
    }

    static CommandLine line() {
        return new CommandLine(new Main()).setExecutionExceptionHandler(Main::failed);
    }

    private static int failed(Exception failure, CommandLine command, ParseResult parsed)
            throws Exception {
        if (failure instanceof IOException || failure instanceof IllegalArgumentException) {
            command.getErr().println("highpage: " + failure.getMessage());
            return command.getCommandSpec().exitCodeOnExecutionException();
        }
        throw failure; // a bug, so with its trace
    }

    @Override
    public Integer call() throws IOException {
        Suite suite = new Suite(
                quick ? Form.QUICK : Form.FULL,
                found(device),
                openCl(),
                !quick || !only.pattern().isEmpty());
        checkOnly(suite);
        Busy.now().filter(word -> !busy).ifPresent(spec.commandLine().getErr()::println);
        Path log = Files.createTempFile("highpage-bench", ".log");
        spec.commandLine().getErr().println("what JMH says goes to " + log);
        Bench bench = new Bench(suite, only, log, this::progress);
        Report report;
        try (BusyCores others = busy ? BusyCores.all() : BusyCores.none()) {
            report = bench.run(command(), System.getProperty("highpage.commit", "unknown"));
        }
        print(report);
        if (json != null) {
            report.write(json);
        }
        return 0;
    }

    private void checkOnly(Suite suite) {
        List<String> names = Bench.names(suite);
        if (names.stream().noneMatch(name -> only.matcher(name).find())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--only " + only + " matches nothing that is measured: "
                            + String.join(", ", names));
        }
    }

    private String found(String name) {
        try {
            return Devices.named(name).name();
        } catch (IllegalArgumentException none) {
            throw new ParameterException(
                    spec.commandLine(), "--device " + name + ": " + none.getMessage());
        }
    }

    private String openCl() {
        return device.startsWith("opencl")
                ? found(device)
                : Devices.find().stream()
                        .map(DeviceInfo::name)
                        .filter(name -> name.startsWith("opencl"))
                        .findFirst()
                        .orElse(FIRST_OPENCL);
    }

    private String command() {
        return "./highpage bench "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }

    private void progress(String what) {
        spec.commandLine()
                .getErr()
                .printf("%4d s  %s%n", (System.nanoTime() - began) / 1_000_000_000, what);
    }

    private void print(Report report) {
        var out = spec.commandLine().getOut();
        out.println(Tables.text(report));
        long met = report.rows().stream().filter(Row::met).count();
        out.print(Tables.quantities(report));
        out.println(met + " of " + report.rows().size() + " met");
        out.flush();
    }
}
