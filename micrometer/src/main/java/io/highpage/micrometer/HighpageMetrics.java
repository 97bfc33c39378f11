// SPDX-License-Identifier: Apache-2.0
package io.highpage.micrometer;

import io.highpage.Highpage;
import io.highpage.outcome.BudgetInfo.Share;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.RuntimeStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The counters of a runtime as meters, all of them with the tag {@code runtime}, such as
 * {@code highpage-1}; docs/telemetry.md has their names and units. Thread-safe.
 *
 * <pre>{@code
 * try (Highpage hp = Highpage.open();
 *         HighpageMetrics metrics = HighpageMetrics.of(hp)) {
 *     metrics.bindTo(registry);
 * }
 * }</pre>
 *
 * <p>Meters refer to the runtime weakly. {@link #close} removes them from the registries. Without
 * it those of a closed runtime stay as they were at its end; once it has gone, counters keep their
 * last value, and gauges have none.
 */
public final class HighpageMetrics implements MeterBinder, AutoCloseable {
    private static final String PREFIX = "highpage.";
    private static final String BYTES = "bytes";

    /** What is counted of each device. */
    private record DeviceCounter(
            String name, String unit, String description, ToLongFunction<DeviceTraffic> value) {}

    private static final List<DeviceCounter> DEVICE_COUNTERS = List.of(
            new DeviceCounter("in", BYTES, "Pages that were copied there", DeviceTraffic::bytesIn),
            new DeviceCounter("out", BYTES, "Pages that were copied home", DeviceTraffic::bytesOut),
            new DeviceCounter("copies.in", "", "Batches of copies there", DeviceTraffic::copiesIn),
            new DeviceCounter("copies.out", "", "Batches of copies home", DeviceTraffic::copiesOut),
            new DeviceCounter(
                    "spans.evicted",
                    "",
                    "Spans that left to make room",
                    DeviceTraffic::spansEvicted),
            new DeviceCounter(
                    "spans.evicted.free",
                    "",
                    "Those of which nothing had to be copied",
                    DeviceTraffic::spansEvictedFree),
            new DeviceCounter(
                    "evicted",
                    BYTES,
                    "What spans had there that left to make room",
                    DeviceTraffic::bytesEvicted),
            new DeviceCounter(
                    "evicted.free",
                    BYTES,
                    "What of that was not copied, being valid at home",
                    DeviceTraffic::bytesEvictedFree));

    private final Highpage runtime;
    private final Iterable<Tag> tags;
    private final List<Bound> bound = new ArrayList<>(); // under this lock

    /** A meter where it is. */
    private record Bound(MeterRegistry registry, Meter meter) {}

    private HighpageMetrics(Highpage runtime, Iterable<Tag> tags) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.tags = Tags.of(tags);
    }

    /**
     * {@return the meters of a runtime, which no registry has yet}
     *
     * @param runtime the runtime
     */
    public static HighpageMetrics of(Highpage runtime) {
        return of(runtime, Tags.empty());
    }

    /**
     * {@return the meters of a runtime, which no registry has yet}
     *
     * @param runtime the runtime
     * @param tags what they all get too
     */
    public static HighpageMetrics of(Highpage runtime, Iterable<Tag> tags) {
        return new HighpageMetrics(runtime, tags);
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        RuntimeStatistics now = runtime.statistics();
        Binding all = new Binding(registry, Tags.of(tags).and("runtime", now.name()));
        bindHappened(all, now);
        bindOpen(all, now);
        now.devices().keySet().forEach(device -> bindDevice(all.with("device", device), device));
    }

    private static void bindHappened(Binding all, RuntimeStatistics now) {
        all.waits();
        for (String operation : now.movedBytes().keySet()) {
            all.with("operation", operation)
                    .counter(
                            "moved",
                            BYTES,
                            "Bytes that were copied, by operation",
                            told -> told.movedBytes().getOrDefault(operation, 0L));
        }
        for (PageOutcome reason : now.rejections().keySet()) {
            all.with("reason", reason.name().toLowerCase(Locale.ROOT))
                    .counter(
                            "rejections",
                            "",
                            "Pins, holds and accesses that were refused",
                            told -> told.rejections().getOrDefault(reason, 0L));
        }
        all.counter(
                "budget.refusals",
                "",
                "How often a budget had not what was asked for",
                RuntimeStatistics::budgetRefusals);
        all.counter(
                "homes.discarded",
                BYTES,
                "Homes that were given up to make room in host memory",
                RuntimeStatistics::discardedBytes);
    }

    private static void bindOpen(Binding all, RuntimeStatistics now) {
        all.gauge("buffers", "", "Open buffers", RuntimeStatistics::openBuffers);
        now.openHolders()
                .keySet()
                .forEach(kind -> all.with("kind", kind)
                        .gauge(
                                "holders",
                                "",
                                "Open holders, by kind",
                                told -> told.openHolders().getOrDefault(kind, 0)));
        all.gauge(
                "page.locked",
                BYTES,
                "What pins keep page-locked",
                RuntimeStatistics::pageLockedBytes);
        bindShare(all.with("memory", "home"), told -> told.budget().host());
        for (int i = 0; i < now.budget().devices().size(); i++) {
            int index = i;
            String device = now.budget().devices().get(i).memory();
            bindShare(
                    all.with("memory", device), told -> told.budget().devices().get(index));
        }
    }

    /** A part of the runtime's budget. */
    @FunctionalInterface
    private interface Part {
        Share of(RuntimeStatistics told);
    }

    private static void bindShare(Binding of, Part part) {
        of.gauge(
                "budget.used",
                BYTES,
                "What is taken of the runtime's budget",
                told -> part.of(told).usedBytes());
        of.gauge(
                "budget.limit",
                BYTES,
                "The most that may be taken of the runtime's budget; +Inf if nothing limits it",
                told -> limit(part.of(told).limitBytes()));
    }

    private static double limit(long bytes) {
        return bytes == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : bytes;
    }

    private static void bindDevice(Binding of, String device) {
        for (DeviceCounter each : DEVICE_COUNTERS) {
            of.counter("device." + each.name, each.unit, each.description, told -> {
                DeviceTraffic traffic = told.devices().get(device);
                return traffic == null ? 0 : each.value.applyAsLong(traffic);
            });
        }
    }

    /** Removes the meters from all registries that they were bound to; a second time, nothing. */
    @Override
    public synchronized void close() {
        bound.forEach(each -> each.registry.remove(each.meter));
        bound.clear();
    }

    /**
     * Where meters go, with some tags. Meters hold the runtime weakly, and functions not at all.
     */
    private final class Binding {
        private final MeterRegistry registry;
        private final Tags tagged;

        Binding(MeterRegistry registry, Tags tagged) {
            this.registry = registry;
            this.tagged = tagged;
        }

        Binding with(String key, String value) {
            return new Binding(registry, tagged.and(key, value));
        }

        private void add(Meter meter) {
            bound.add(new Bound(registry, meter));
        }

        void waits() {
            add(FunctionTimer.builder(
                            PREFIX + "waits",
                            runtime,
                            told -> told.statistics().waits(),
                            told -> told.statistics().waitTime().toNanos(),
                            TimeUnit.NANOSECONDS)
                    .tags(tagged)
                    .description("Operations that have waited for pages or for room")
                    .register(registry));
        }

        void counter(
                String name,
                String unit,
                String description,
                ToLongFunction<RuntimeStatistics> value) {
            add(FunctionCounter.builder(
                            PREFIX + name, runtime, told -> value.applyAsLong(told.statistics()))
                    .tags(tagged)
                    .baseUnit(unit.isEmpty() ? null : unit)
                    .description(description)
                    .register(registry));
        }

        void gauge(
                String name,
                String unit,
                String description,
                ToDoubleFunction<RuntimeStatistics> value) {
            add(Gauge.builder(
                            PREFIX + name, runtime, told -> value.applyAsDouble(told.statistics()))
                    .tags(tagged)
                    .baseUnit(unit.isEmpty() ? null : unit)
                    .description(description)
                    .register(registry));
        }
    }
}
