// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.os.SignalHandlers.Handler;
import io.highpage.internal.os.SignalHandlers.Report;

import org.junit.jupiter.api.Test;

import java.util.List;

class SignalHandlersTest {
    private static Handler handler(String signal) {
        return SignalHandlers.snapshot().stream()
                .filter(handler -> handler.signal().equals(signal))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void snapshot_namesTheJvmAsOwnerOfItsSignals() {
        for (String signal :
                List.of("SIGSEGV", "SIGFPE", "SIGBUS", "SIGILL", "SIGPIPE", "SIGXFSZ")) {
            assertThat(handler(signal).owner()).as(signal).endsWith("/libjvm.so");
            assertThat(handler(signal).address()).isGreaterThan(1);
        }
    }

    @Test
    void report_ofAHealthyProcess_isEmpty() {
        assertThat(SignalHandlers.report().taken()).isEmpty();
        assertThat(SignalHandlers.report().warning()).isEmpty();
    }

    @Test
    void warning_saysSignalsOwnersMeaningAndCommand() {
        Report report = new Report(
                false,
                List.of(
                        new Handler("SIGFPE", 42, "/lib/libdriver.so"),
                        new Handler("SIGSEGV", 43, "/lib/libcompiler.so")));
        assertThat(report.warning())
                .hasValueSatisfying(text -> assertThat(text)
                        .contains(
                                "SIGFPE, SIGSEGV",
                                "/lib/libdriver.so, /lib/libcompiler.so",
                                "division by zero")
                        .contains("LD_PRELOAD=" + System.getProperty("java.home")
                                + "/lib/libjsig.so java"));
        assertThat(new Report(true, report.taken()).warning()).isEmpty();
        assertThat(new Report(false, List.of(new Handler("SIGSEGV", 43, "/lib/x.so"))).warning())
                .hasValueSatisfying(text -> assertThat(text).doesNotContain("division"));
    }
}
