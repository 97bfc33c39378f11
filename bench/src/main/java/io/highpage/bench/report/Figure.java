// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import java.util.Map;

/**
 * What was measured of one benchmark.
 *
 * @param benchmark class and method, such as {@code PinBenchmark.onePageBare}
 * @param copying which copier the JVM was told to use, see {@link Copying}
 * @param threads how many ran it at the same time
 * @param params its parameters
 * @param nanos time of an operation: that of the fastest iteration, since whatever else the machine
 *     does only adds to it
 * @param median the median iteration
 * @param slowest the slowest iteration
 * @param bytesPerOperation Java heap allocated by an operation
 */
public record Figure(
        String benchmark,
        Copying copying,
        int threads,
        Map<String, String> params,
        double nanos,
        double median,
        double slowest,
        double bytesPerOperation) {}
