// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The {@code highpage} command. */
public final class Main {
    private static final List<String> VERSION = List.of("--version", "-V");

    private Main() {}

    /**
     * Runs a command and ends the JVM: 0 if all went well, 1 if it failed, 2 if the command line
     * makes no sense.
     *
     * @param arguments the command and its options
     * @throws IOException if the version cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        int exitCode = 0;
        // Asked by scripts, so quickly: picocli, which needs half of the time, has no part in it.
        if (arguments.length == 1 && VERSION.contains(arguments[0])) {
            BuiltVersion.lines().forEach(System.out::println);
        } else {
            exitCode = Commands.line(new PrintWriter(System.out), new PrintWriter(System.err))
                    .execute(arguments);
        }
        // Printing throws nothing; of a full disk only this tells. A reader of a pipe who has
        // enough is no failure.
        if (System.out.checkError() && exitCode == 0 && !isPipe(Path.of("/proc/self/fd/1"))) {
            System.err.println("highpage: cannot write all of this to standard output");
            exitCode = 1;
        }
        System.exit(exitCode);
    }

    private static boolean isPipe(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
        } catch (IOException unknown) {
            return false;
        }
    }
}
