// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import com.codahale.metrics.MetricRegistry;

import io.highpage.Device;
import io.highpage.Highpage;

/** An executor's counters, in Spark's own metrics. */
final class ExecutorMetrics {
    private ExecutorMetrics() {}

    static void register(MetricRegistry registry, ExecutorDevice executor) {
        Device device = executor.device();
        Highpage runtime = executor.runtime();
        Counters.show(registry, "device.usedBytes", device::usedBytes);
        Counters.show(registry, "room.bytes", executor.room()::bytes);
        Counters.show(registry, "room.reservedBytes", executor.room()::reservedBytes);
        Counters.show(registry, "pipes.idle", () -> (long) executor.pool().idlePipes());
        Counters.show(
                registry, "pipes.leased", () -> (long) executor.pool().leases().size());
        Counters.show(registry, "pipes.made", () -> (long) executor.pool().pipesMade());
        Counters.show(registry, "moved.toDeviceBytes", () -> device.traffic().bytesIn());
        Counters.show(registry, "moved.homeBytes", () -> device.traffic().bytesOut());
        Counters.show(registry, "moved.evictedBytes", () -> device.traffic().bytesEvicted());
        Counters.show(registry, "waits.count", () -> runtime.statistics().waits());
        Counters.show(
                registry, "waits.millis", () -> runtime.statistics().waitTime().toMillis());
    }
}
