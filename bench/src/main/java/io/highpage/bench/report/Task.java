// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run of JMH: some benchmarks of a class, with every combination of some parameters.
 *
 * @param benchmarks class and methods, as {@code Class.method|method}; all methods of the class if
 *     none are given
 * @param copying which copier the JVM is to use
 * @param threads how many run each at the same time
 * @param params values of each parameter
 * @param missing why it cannot run here, if it cannot
 */
record Task(
        String benchmarks,
        Copying copying,
        int threads,
        Map<String, List<String>> params,
        Optional<String> missing) {

    static Task of(String benchmarks) {
        return new Task(benchmarks, Copying.DEFAULT, 1, Map.of(), Optional.empty());
    }

    Task with(String name, List<?> values) {
        Map<String, List<String>> more = new LinkedHashMap<>(params);
        more.put(name, values.stream().map(String::valueOf).toList());
        return new Task(benchmarks, copying, threads, more, missing);
    }

    Task with(String name, Object value) {
        return with(name, List.of(value));
    }

    Task by(Copying other) {
        return new Task(benchmarks, other, threads, params, missing);
    }

    Task onThreads(int count) {
        return new Task(benchmarks, copying, count, params, missing);
    }

    Task unless(Optional<String> reason) {
        return new Task(benchmarks, copying, threads, params, reason);
    }

    /** {@return the class's name without its package} */
    String type() {
        int dot = benchmarks.indexOf('.');
        return dot < 0 ? benchmarks : benchmarks.substring(0, dot);
    }

    /** {@return what JMH matches its benchmarks against} */
    String pattern() {
        int dot = benchmarks.indexOf('.');
        String methods = dot < 0 ? ".*" : benchmarks.substring(dot + 1);
        return "\\." + type() + "\\.(" + methods + ")$";
    }
}
