// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.Printable;
import io.highpage.cli.console.UserError;
import io.highpage.cli.replay.TraceFormatException;
import io.highpage.outcome.HighpageException;
import io.highpage.pipe.KernelException;

import org.jocl.CLException;

import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Objects;

/** The commands, put together; what they say when they fail. */
final class Commands {
    /** How messages begin the name of a setting of the library. */
    private static final String SETTING = "-Dhighpage.";

    private Commands() {}

    /**
     * {@return a new command line}
     *
     * @param out takes what it prints
     * @param err takes errors
     */
    static CommandLine line(Writer out, Writer err) {
        CommandLine line = new CommandLine(new HighpageCommand())
                .setOut(Printable.to(out))
                .setErr(Printable.to(err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        CommandLine.Help.Ansi.OFF)) // would be shown, not done
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false) // a name may begin with @, and what is in a file is data
                .setExecutionStrategy(Commands::run)
                .setParameterExceptionHandler(Commands::badCommandLine)
                .setExecutionExceptionHandler(Commands::failed);
        // What stands behind the command to be recorded is for that command.
        Objects.requireNonNull(line.getSubcommands().get("record")).setStopAtPositional(true);
        return line;
    }

    private static int run(ParseResult parsed) {
        try {
            return new RunLast().execute(parsed);
        } catch (OutOfMemoryError full) {
            String message = "Java ran out of memory: " + full.getMessage()
                    + "; JAVA_TOOL_OPTIONS=-Xmx2g in the environment sets its heap";
            throw new ExecutionException(
                    parsed.commandSpec().commandLine(), message, UserError.failed(message, full));
        }
    }

    private static int badCommandLine(ParameterException error, String[] arguments) {
        CommandLine command = error.getCommandLine();
        PrintWriter err = command.getErr();
        boolean noCommand = error instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.isUnknownOption();
        err.println("highpage: "
                + (noCommand ? "there is no command '" + arguments[0] + "'" : error.getMessage()));
        UnmatchedArgumentException.printSuggestions(error, err);
        hint(command, err);
        return UserError.USAGE;
    }

    private static int failed(Exception error, CommandLine command, ParseResult parsed) {
        int exitCode = error instanceof UserError user ? user.exitCode() : UserError.FAILED;
        if (exitCode == UserError.NOBODY_READS && !OutputOptions.debug(parsed)) {
            return exitCode;
        }
        String message = message(error);
        PrintWriter err = command.getErr();
        err.println("highpage: " + message);
        if (OutputOptions.debug(parsed)) {
            error.printStackTrace(err);
        } else if (isOurs(error)) {
            err.println("This is a bug in highpage; --debug shows where.");
        }
        if (exitCode == UserError.USAGE) {
            hint(command, err);
        }
        if (message.contains(SETTING)) {
            err.println("A setting that begins with -D is Java's: JAVA_TOOL_OPTIONS=-D... in the"
                    + " environment makes it.");
        }
        if (OutputOptions.json(parsed)) {
            command.getOut()
                    .println(Json.text(Json.object("error", message, "exitCode", exitCode)));
        }
        return exitCode;
    }

    private static void hint(CommandLine command, PrintWriter err) {
        err.println("'" + command.getCommandSpec().qualifiedName()
                + " --help' shows what can be given.");
        err.flush();
    }

    private static String message(Exception error) {
        return switch (error) {
            case CLException opencl -> "OpenCL: " + opencl.getMessage();
            case UncheckedIOException io -> String.valueOf(io.getCause());
            default -> {
                String text = error.getMessage();
                yield isOurs(error) || text == null ? error.toString() : text;
            }
        };
    }

    private static boolean isOurs(Exception error) {
        boolean ofASetting = error instanceof IllegalArgumentException
                && String.valueOf(error.getMessage()).startsWith(SETTING);
        return !(ofASetting
                || error instanceof UserError
                || error instanceof IllegalCallerException
                || error instanceof HighpageException
                || error instanceof KernelException
                || error instanceof TraceFormatException
                || error instanceof IOException
                || error instanceof UncheckedIOException
                || error instanceof CLException);
    }
}
