// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    private static final String[] THINGS = {
        "JDK",
        "native access",
        "OpenCL",
        "libjsig",
        "signals",
        "1 / 0 in Java",
        "native library",
        "memlock limit",
        "huge pages",
        "io_uring",
        "userfaultfd",
        "base page"
    };

    @Test
    void everyThingIsExamined() {
        assertThat(Cli.run("doctor").succeeds().out()).contains(THINGS);
    }

    @Test
    void jsonHasEveryThing() {
        assertThat(Cli.run("doctor", "--json")
                        .succeeds()
                        .json()
                        .get("findings")
                        .findValuesAsText("name"))
                .containsExactlyInAnyOrder(THINGS);
    }

    @Test
    void theTestsThemselvesRunWithLibjsigAndNativeAccess() {
        assertThat(Cli.run("doctor").out().lines())
                .anyMatch(line -> line.matches("ok +libjsig +loaded"))
                .anyMatch(line -> line.matches("ok +native access +enabled"));
    }
}
