// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** When runtimes have beans, in JVMs of their own: each has one MBean server for good. */
class ListingTest {
    private static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

    private static String run(String step, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add(NATIVE);
        return JavaProcess.run(JavaProcess.of(all, ListingChild.class, step));
    }

    @Test
    void bean_tellsWhatTheRuntimeTells_andEndsWithIt() throws IOException {
        assertThat(run("tells", "-Dhighpage.mxbean=now"))
                .isEqualTo("at once [io.highpage:type=Runtime,name=highpage-1]\n"
                        + "the same: true\n"
                        + "refused: most=-1 is negative\n"
                        + "then at once [io.highpage:type=Runtime,name=highpage-1,"
                        + " io.highpage:type=Runtime,name=highpage-2]\n"
                        + "closed []\n");
    }

    @Test
    void bean_comesLater_andBringsNoServerBefore() throws IOException {
        List<String> lines = run("later", "-Xlog:class+load")
                .lines()
                .filter(line -> line.contains("step ")
                        || line.contains(" java.lang.management.ManagementFactory ")
                        || line.contains(" javax.management.MBeanServer "))
                .toList();
        assumeFalse(lines.contains("step late"), "the machine took a second for a first use");
        assertThat(lines).first().isEqualTo("step opened");
    }

    @Test
    void runtimeThatClosesBefore_hasNone() throws IOException {
        assertThat(run("closes before")).isEqualTo("closed []\n");
    }

    @Test
    void whoDoesNotWantBeans_hasNone() throws IOException {
        assertThat(run("never", "-Dhighpage.mxbean=false")).isEqualTo("never []\n");
    }

    @Test
    void withoutTheModule_theRestWorks() throws IOException {
        assertThat(JavaProcess.run(JavaProcess.of(
                        List.of("--limit-modules=java.base,jdk.jfr,java.logging", NATIVE),
                        ListingChild.Without.class)))
                .isEqualTo("works without: true\n");
    }

    @Test
    void twoCopiesOfTheLibrary_haveANameEach() throws IOException {
        assertThat(run("two copies", "-Dhighpage.mxbean=now"))
                .isEqualTo("two [io.highpage:type=Runtime,name=highpage-1,"
                        + " io.highpage:type=Runtime,name=highpage-1,copy=2]\n"
                        + "closed []\n");
    }

    @Test
    void serverThatFails_costsTheBeanOnly() throws IOException {
        List<String> lines = run("fails", "-Dhighpage.mxbean=now").lines().toList();
        assertThat(lines.stream().filter("opened and closed"::equals)).hasSize(2);
        assertThat(lines)
                .contains(
                        "WARNING: highpage-1: the runtime has no MXBean",
                        "WARNING: highpage-2: the runtime is still listed by its MXBean");
    }

    @Test
    void runtimeThatIsLeft_goes_andTheBeanSaysSo() throws IOException {
        assertThat(run("left", "-Dhighpage.mxbean=now", "-Xmx64m"))
                .isEqualTo("there: 7\n"
                        + "gone: the runtime was left without being closed, and is gone\n"
                        + "left []\n");
    }
}
