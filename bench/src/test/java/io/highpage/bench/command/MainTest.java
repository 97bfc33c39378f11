// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.StringWriter;

class MainTest {
    @Test
    void onlyThatMatchesNothing_isAUsageErrorThatSaysWhatThereIs() {
        StringWriter err = new StringWriter();
        int exitCode =
                Main.line().setErr(new PrintWriter(err)).execute("--quick", "--only", "Nosuch");
        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .contains("--only Nosuch matches nothing", "PeersBenchmark", "latency", "metadata");
    }

    @Test
    void aWrongCommand_isToldWithTheNearest() {
        StringWriter err = new StringWriter();
        assertThat(Main.line().setErr(new PrintWriter(err)).execute("tabel")).isEqualTo(2);
        assertThat(err.toString()).contains("tabel", "table");
    }

    @Test
    void aBusyMachine_isToldWithLoadAndProcessors() {
        assertThat(Busy.word(1.4, 2))
                .hasValueSatisfying(word -> assertThat(word)
                        .contains("load in the last minute was 1.4, on 2 processors"));
        assertThat(Busy.word(0.3, 2)).isEmpty();
        assertThat(Busy.word(-1, 2)).isEmpty();
    }
}
