// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;

import io.highpage.Device;
import io.highpage.Highpage;

import java.util.function.Supplier;

/** An executor's counters, in Spark's own metrics. */
final class ExecutorMetrics {
    private ExecutorMetrics() {}

    static void register(MetricRegistry registry, ExecutorDevice executor) {
        Device device = executor.device();
        Highpage runtime = executor.runtime();
        gauge(registry, "device.usedBytes", device::usedBytes);
        gauge(registry, "room.bytes", executor.room()::bytes);
        gauge(registry, "room.reservedBytes", executor.room()::reservedBytes);
        gauge(registry, "pipes.idle", () -> (long) executor.pool().idlePipes());
        gauge(registry, "pipes.leased", () -> (long) executor.pool().leases().size());
        gauge(registry, "pipes.made", () -> (long) executor.pool().pipesMade());
        gauge(registry, "moved.toDeviceBytes", () -> device.traffic().bytesIn());
        gauge(registry, "moved.homeBytes", () -> device.traffic().bytesOut());
        gauge(registry, "moved.evictedBytes", () -> device.traffic().bytesEvicted());
        gauge(registry, "waits.count", () -> runtime.statistics().waits());
        gauge(registry, "waits.millis", () -> runtime.statistics().waitTime().toMillis());
    }

    private static void gauge(MetricRegistry registry, String name, Supplier<Long> value) {
        registry.register(name, (Gauge<Long>) value::get);
    }
}
