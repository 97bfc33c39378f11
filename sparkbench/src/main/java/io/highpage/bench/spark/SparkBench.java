// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.command.Busy;
import io.highpage.bench.report.Form;
import io.highpage.bench.report.Machine;
import io.highpage.bench.report.Report;
import io.highpage.bench.report.Row;
import io.highpage.bench.report.Suite;
import io.highpage.bench.report.Tables;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.spark.demo.LoopbackCluster;
import io.highpage.spark.demo.RunFolder;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;

/** The command {@code highpage bench spark}. */
@Command(
        name = SparkBench.NAME,
        description = {
            "Measure jobs and columns of Highpage on a cluster of Apache Spark on this machine, a"
                    + " master and two workers, against JOCL and plain Java in Spark's tasks.",
            "All ways take turns, and what they make is compared by SHA-256 each time. Processes"
                    + " and files are gone at the end, also if it is interrupted."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Takes 5 GiB of memory, files of 2 GiB included, and about a quarter of an hour on a"
                    + " quiet machine. Needs an OpenCL driver.",
            "Ends with 0 whether the targets are met or not, and with 1 if outputs differ."
        })
public final class SparkBench implements Callable<Integer> {
    static final String NAME = "highpage bench spark";
    private static final Path MEMORY = Path.of("/dev/shm");

    @Option(
            names = "--quick",
            description = "Every row in about three minutes: smaller files, few rounds.")
    private boolean quick;

    @Option(
            names = "--miniature",
            hidden = true,
            description = "For tests: the numbers mean nothing.")
    private boolean miniature;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write everything to a file.")
    private Path json;

    @Option(
            names = "--dir",
            paramLabel = "FOLDER",
            description = "Where files are meanwhile; default: /dev/shm, so that no disk is"
                    + " measured, or the folder for temporary files if there is none.")
    private Path dir;

    private final long began = System.nanoTime();

    @Spec
    private CommandSpec spec;

    private SparkBench() {}

    /**
     * Runs the command and ends the JVM.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        System.exit(line().execute(arguments));
    }

    static CommandLine line() {
        return new CommandLine(new SparkBench()).setExecutionExceptionHandler((e, line, parsed) -> {
            line.getErr().println(NAME + ": " + e.getMessage());
            if (!(e instanceof IOException)) {
                e.printStackTrace(line.getErr());
            }
            return line.getCommandSpec().exitCodeOnExecutionException();
        });
    }

    @Override
    public Integer call() throws Exception {
        String device = openCl();
        Busy.now().ifPresent(spec.commandLine().getErr()::println);
        Form form = miniature ? Form.MINIATURE : quick ? Form.QUICK : Form.FULL;
        String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Findings findings = new Findings();
        circumstances(findings);
        measure(form, device, findings);
        Report report = new Report(
                command(),
                time,
                System.getProperty("highpage.commit", "unknown"),
                form,
                Machine.find(new Suite(form, device, device, true)),
                findings.rows(),
                findings.quantities(),
                List.of());
        print(report);
        if (json != null) {
            report.write(json);
        }
        return 0;
    }

    private static String openCl() throws IOException {
        return Devices.find().stream()
                .map(DeviceInfo::name)
                .filter(name -> name.startsWith("opencl"))
                .findFirst()
                .orElseThrow(() -> new IOException("no OpenCL device. On Debian: apt-get install"
                        + " pocl-opencl-icd; 'highpage doctor' says more"));
    }

    /** What else the times depend on. */
    private static void circumstances(Findings findings) throws IOException {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        findings.add("load", load, "threads", "the machine's load in the minute before");
        String stat = Files.readString(Path.of("/proc/self/stat"));
        // Behind the name, which may have spaces.
        String nice = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16];
        findings.add("nice", Double.parseDouble(nice), "nice", "of all processes: " + nice);
    }

    private void measure(Form form, String device, Findings findings) throws Exception {
        Path parent = dir != null
                ? dir
                : Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
        try (RunFolder folder = RunFolder.make(parent.toAbsolutePath(), NAME)) {
            folder.keepLog();
            Scratch scratch = new Scratch(folder.path());
            Run run = Run.prepare(Amount.of(form), device, scratch, findings, this::progress);
            try (LoopbackCluster cluster =
                    LoopbackCluster.start(folder.path(), Application.workers())) {
                run.all(cluster);
            }
        }
    }

    private String command() {
        return "./" + NAME + " "
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
        out.print(Tables.quantities(report));
        long met = report.rows().stream().filter(Row::met).count();
        out.println(met + " of " + report.rows().size() + " met");
        out.flush();
    }
}
