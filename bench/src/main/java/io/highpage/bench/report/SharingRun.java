// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.BusyCores;
import io.highpage.bench.SharedCopies;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Measures copies that are shared in JVMs of their own, one for each condition. */
public final class SharingRun {
    private SharingRun() {}

    /** {@return the name of what is measured} */
    static String quantity(Condition condition, long bytes) {
        return "shared." + condition.id() + "." + (bytes >> 20);
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
        try (BusyCores others = condition.others()) {
            ChildRun.tell(SharedCopies.measure("shared." + condition.id(), bytes, nanos));
        }
    }

    /** Adds what a JVM under a condition measured. */
    static void of(Condition condition, Form form, Figures figures) {
        String[] arguments = Stream.concat(
                        Stream.of(condition.name(), Long.toString(form.sharedMillis())),
                        form.sharedBytes().stream().map(String::valueOf))
                .toArray(String[]::new);
        ChildRun.quantities(condition.command(), List.of(), SharingRun.class, arguments)
                .forEach(figures::add);
    }
}
