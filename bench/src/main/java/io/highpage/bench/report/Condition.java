// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.BusyCores;
import io.highpage.internal.os.ProcFile;

import java.util.List;
import java.util.Locale;

/** What else the machine does while a JVM of its own measures. */
enum Condition {
    IDLE("nothing else running"),
    BUSY("a thread of somebody else's on every core"),
    ONE_CORE("on one core");

    private final String text;

    Condition(String text) {
        this.text = text;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String text() {
        return text;
    }

    /** {@return a command that the JVM runs under} */
    List<String> command() {
        return this == ONE_CORE ? List.of("taskset", "-c", firstCore()) : List.of();
    }

    /** {@return what keeps the cores busy until it is closed, in the JVM that measures} */
    BusyCores others() {
        return this == BUSY ? BusyCores.all() : BusyCores.none();
    }

    /** One that this process may use. */
    private static String firstCore() {
        return ProcFile.status("Cpus_allowed_list")
                .map(list -> list.replaceFirst("^\\D*(\\d+).*", "$1"))
                .orElse("0");
    }
}
