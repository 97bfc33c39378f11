// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.BusyCores;
import io.highpage.bench.SharedCopies;
import io.highpage.internal.os.ProcFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Measures copies that are shared in JVMs of their own, one for each condition. */
public final class SharingRun {
    private SharingRun() {}

    /** What else the machine does. */
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

        String quantity(long bytes) {
            return "shared." + id() + "." + (bytes >> 20);
        }
    }

    /**
     * The other JVM's side.
     *
     * @param arguments condition, milliseconds, bytes of each copy
     */
    public static void main(String[] arguments) throws IOException {
        Condition condition = Condition.valueOf(arguments[0]);
        List<Long> bytes = Arrays.stream(arguments).skip(2).map(Long::valueOf).toList();
        long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[1]));
        try (BusyCores others = condition == Condition.BUSY ? BusyCores.all() : BusyCores.none()) {
            ChildRun.tell(SharedCopies.measure("shared." + condition.id(), bytes, nanos));
        }
    }

    /** Adds what a JVM under a condition measured. */
    static void of(Condition condition, Form form, Figures figures) {
        List<String> under =
                condition == Condition.ONE_CORE ? List.of("taskset", "-c", firstCore()) : List.of();
        String[] arguments = Stream.concat(
                        Stream.of(condition.name(), Long.toString(form.sharedMillis())),
                        form.sharedBytes().stream().map(String::valueOf))
                .toArray(String[]::new);
        ChildRun.quantities(under, List.of(), SharingRun.class, arguments).forEach(figures::add);
    }

    /** One that this process may use. */
    private static String firstCore() {
        return ProcFile.field(Path.of("/proc/self/status"), "Cpus_allowed_list")
                .map(list -> list.replaceFirst("^\\D*(\\d+).*", "$1"))
                .orElse("0");
    }
}
