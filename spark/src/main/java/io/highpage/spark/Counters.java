// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.function.Supplier;

/** Numbers that the plugin shows in Spark's own metrics. */
final class Counters {
    private static final Logger LOG = LoggerFactory.getLogger(HighpagePlugin.class);

    private Counters() {}

    /** Shows a number. One that cannot be shown is told of in the log: no task needs it. */
    static void show(MetricRegistry registry, String name, Supplier<Long> value) {
        try {
            registry.register(name, (Gauge<Long>) value::get);
        } catch (RuntimeException refused) {
            LOG.warn("The metric {} is not shown, all else goes on", name, refused);
        }
    }
}
