// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

class PolicyCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();

    private int run(String limit, String... more) throws IOException {
        Path trace = folder.resolve("a.trace");
        Files.writeString(
                trace,
                "highpage-accesses 1\nmemory 4\nlimit " + limit
                        + "\nspans 8 1\nread 0-7 0-7 0-7 3 1 4 1 5 2 6\n");
        String[] arguments = new String[more.length + 1];
        arguments[0] = trace.toString();
        System.arraycopy(more, 0, arguments, 1, more.length);
        return new CommandLine(new PolicyCommand()).setOut(new PrintWriter(out)).execute(arguments);
    }

    @Test
    void limitThatIsKept_endsWith0() throws IOException {
        Path json = folder.resolve("a.json");
        Path chart = folder.resolve("a.svg");

        assertThat(run("2 optimum", "--json", json.toString(), "--chart", chart.toString()))
                .isZero();
        assertThat(out.toString()).contains("LIRS").doesNotContain("above the limit");
        assertThat(json).content().contains("\"perfect frequency\"");
        assertThat(chart).content().startsWith("<svg ");
    }

    @Test
    void limitThatIsNotKept_endsWith1_andNamesTheTrace() throws IOException {
        assertThat(run("0.5 best")).isEqualTo(1);
        assertThat(out.toString()).contains("NOT KEPT").contains("above the limit: a");
    }
}
