// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;

/** The command that all others are parts of. */
@Command(
        name = "highpage",
        description = "Memory pages that move between host and device, and stay put when somebody"
                + " needs them to.",
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DevicesCommand.class,
            DemoCommand.class,
            RunCommand.class,
            ReplayCommand.class,
            TimelineCommand.class,
            RecordCommand.class,
            TopCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            ManCommand.class,
            HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all went well",
            "1:something failed",
            "2:the command line makes no sense",
            "128+N:signal N ended Java, such as 139 for SIGSEGV. OpenCL kernels and drivers run"
                    + " inside Java's process: one that"
                    + " faults takes it along, which no Java program can prevent. The launcher"
                    + " then says so. Outputs are as"
                    + " they were before."
        },
        footerHeading = "%n",
        footer = {
            "The launcher ./highpage has three more commands: test builds Highpage and runs",
            "all tests, bench measures it against its baselines, spark-demo shows it on a",
            "cluster of Apache Spark on this machine.",
            "Sizes are bytes, or a number with K, M, G or T: 64K, 2M.",
            "Java's settings: JAVA_TOOL_OPTIONS=-Dhighpage.opencl.copy=straight highpage ..."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class HighpageCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** Tells the version that the build wrote down, and what runs it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            return BuiltVersion.lines().toArray(String[]::new);
        }
    }
}
