// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The command line in a JVM of its own. */
final class CliProcess {
    /** The modules that may call native code, as the launcher and the README have them. */
    static final String MODULES = "io.highpage,io.highpage.bindings,io.highpage.interop,jocl";

    private CliProcess() {}

    /** {@return the words that start a command} */
    static List<String> command(Object... arguments) {
        return command(List.of("--enable-native-access=" + MODULES), arguments);
    }

    /** {@return the words that start a command with these options of Java and no others} */
    static List<String> command(List<String> options, Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of("-p", System.getProperty("jdk.module.path"), "-m", "io.highpage.cli/io.highpage.cli.Main"));
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        return command;
    }
}
