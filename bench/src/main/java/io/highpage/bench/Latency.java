// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;

import org.HdrHistogram.Histogram;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Question: how long do others wait while a large migration runs? Not JMH: what counts is the
 * slowest of many, at a fixed rate, with the waits added that a late thread would have seen
 * (coordinated omission).
 *
 * <p>Hypothesis: a pin of another buffer takes what it always takes; a pin of a page that is moving
 * waits for its batch of 32 MiB, a few milliseconds; a safepoint comes within 1 ms with the native
 * copier, whose call does not hold it up, and within the copy of a piece of 16 MiB in pure Java.
 * Refuted by higher percentiles than these.
 */
public final class Latency {
    private static final long PAGE_BYTES = 4096;
    private static final long PIN_INTERVAL_NANOS = 20_000;
    private static final long SAFEPOINT_INTERVAL_NANOS = 1_000_000;

    private final long bytes;
    private final long nanos;
    private volatile boolean done;

    private Latency(long bytes, long nanos) {
        this.bytes = bytes;
        this.nanos = nanos;
    }

    @FunctionalInterface
    private interface Step {
        void take();
    }

    /**
     * Measures.
     *
     * @param bytes that migrate, over and over
     * @param millis how long to measure each
     * @param suffix for the names, such as the copier's
     * @return the percentiles of each wait
     */
    public static List<Quantity> measure(long bytes, long millis, String suffix) {
        return new Latency(bytes, TimeUnit.MILLISECONDS.toNanos(millis)).measure("." + suffix);
    }

    private List<Quantity> measure(String suffix) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (Highpage hp = Highpage.builder().device(HostDevice.coherent(bytes)).open()) {
            PageBuffer moving = Buffers.atHome(hp, bytes, PAGE_BYTES);
            PageBuffer resting = Buffers.atHome(hp, bytes, PAGE_BYTES);
            Step migrate = () -> Buffers.thereAndHome(moving, hp);
            Step pinResting =
                    () -> resting.range(0, PAGE_BYTES).pin(Pin.longTerm()).close();
            Step pinMoving = () -> moving.range(bytes / 2 / PAGE_BYTES * PAGE_BYTES, PAGE_BYTES)
                    .pin(Pin.longTerm().deadline(Buffers.PATIENCE))
                    .close();
            // A global safepoint, and little else.
            Step safepoint = threads::findDeadlockedThreads;
            return List.of(
                    during(
                            () -> LockSupport.parkNanos(1000),
                            "latency.pinWhenIdle" + suffix,
                            PIN_INTERVAL_NANOS,
                            pinResting),
                    during(
                            migrate,
                            "latency.pinOtherBuffer" + suffix,
                            PIN_INTERVAL_NANOS,
                            pinResting),
                    during(
                            migrate,
                            "latency.pinSameBuffer" + suffix,
                            PIN_INTERVAL_NANOS,
                            pinMoving),
                    during(
                            () -> LockSupport.parkNanos(1000),
                            "latency.safepointWhenIdle" + suffix,
                            SAFEPOINT_INTERVAL_NANOS,
                            safepoint),
                    during(
                            migrate,
                            "latency.safepoint" + suffix,
                            SAFEPOINT_INTERVAL_NANOS,
                            safepoint));
        }
    }

    /** Times a step at a fixed rate while another thread does something over and over. */
    private Quantity during(Step other, String name, long intervalNanos, Step step) {
        done = false;
        Thread busy = Thread.ofPlatform().name("busy").start(() -> {
            while (!done) {
                other.take();
            }
        });
        Histogram histogram = new Histogram(TimeUnit.SECONDS.toNanos(10), 3);
        try {
            atFixedRate(
                    nanos / 2,
                    intervalNanos,
                    step,
                    new Histogram(histogram)); // the compiler's turn
            atFixedRate(nanos, intervalNanos, step, histogram);
        } finally {
            done = true;
            join(busy);
        }
        return quantity(name, histogram, 99);
    }

    private static void atFixedRate(
            long nanos, long intervalNanos, Step step, Histogram histogram) {
        long end = System.nanoTime() + nanos;
        long next = System.nanoTime();
        while (next < end) {
            while (System.nanoTime() < next) {
                Thread.onSpinWait();
            }
            long began = System.nanoTime();
            step.take();
            long ended = System.nanoTime();
            histogram.recordValueWithExpectedInterval(ended - began, intervalNanos);
            next = Math.max(next + intervalNanos, ended);
        }
    }

    static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static Quantity quantity(String name, Histogram histogram, double percentile) {
        return new Quantity(
                name,
                histogram.getValueAtPercentile(percentile),
                "ns, " + Numbers.text(percentile) + "th percentile",
                "50 %%: %s, 90 %%: %s, 99 %%: %s, 99.9 %%: %s, largest: %s"
                        .formatted(
                                Numbers.time(histogram.getValueAtPercentile(50)),
                                Numbers.time(histogram.getValueAtPercentile(90)),
                                Numbers.time(histogram.getValueAtPercentile(99)),
                                Numbers.time(histogram.getValueAtPercentile(99.9)),
                                Numbers.time(histogram.getMaxValue())));
    }
}
