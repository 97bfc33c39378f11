// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Budget;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;

import org.HdrHistogram.Histogram;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Question: how long does an access wait for 32 MiB of room on a full device whose spans are clean?
 * Not JMH: what counts is the slowest of a thousand.
 *
 * <p>What is timed is an access to one page of 4 KiB, in a span of 32 MiB that has nothing on the
 * device yet: it asks the policy, has a span of 32 MiB leave, takes the room, and brings its page.
 * So it is a little more than making room. Meanwhile another thread works on the same device, in
 * spans of its own that leave for each other all the time.
 *
 * <p>Hypothesis: 50 µs at the 99.9th percentile with pages of 2 MiB, of which 16 are to be looked
 * at and changed; with pages of 4 KiB, 8192 of them, a few nanoseconds each more. Refuted by more,
 * unless doing nothing for 50 µs takes as long, which says what the machine did meanwhile.
 */
public final class RoomLatency {
    private static final long MIB = 1 << 20;
    private static final int SPANS = 4;
    private static final int LOAD_SPANS = 8;
    private static final int LOAD_ROOM = 4;
    private static final long GOAL_NANOS = 50_000;

    private final int samples;
    private volatile boolean done;

    private RoomLatency(int samples) {
        this.samples = samples;
    }

    /** What is timed, with a page that has nothing on the device yet. */
    private enum Step {
        NOTHING {
            @Override
            void take(Highpage hp, PageRange page) {}
        },
        NOTHING_FOR_50_MICROS {
            @Override
            void take(Highpage hp, PageRange page) {
                long end = System.nanoTime() + GOAL_NANOS;
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
            }
        },
        ACCESS {
            @Override
            void take(Highpage hp, PageRange page) {
                read(hp, page);
            }
        };

        abstract void take(Highpage hp, PageRange page);
    }

    /**
     * Measures.
     *
     * @param samples how often
     * @return the percentiles of the access, by the size of the pages that leave, and of loops that
     *     do nothing
     */
    public static List<Quantity> measure(int samples) {
        RoomLatency latency = new RoomLatency(samples);
        return List.of(
                latency.measure("room.nothing", Step.NOTHING, 2 * MIB),
                latency.measure("room.nothingFor50Micros", Step.NOTHING_FOR_50_MICROS, 2 * MIB),
                latency.measure("room.clean2m", Step.ACCESS, 2 * MIB),
                latency.measure("room.clean4k", Step.ACCESS, 4096));
    }

    private Quantity measure(String name, Step step, long pageBytes) {
        measure(step, pageBytes, 2 * MIB, 5 * samples); // small ones, to be compiled
        return Latency.quantity(name, measure(step, pageBytes, 32 * MIB, samples), 99.9);
    }

    private Histogram measure(Step step, long pageBytes, long spanBytes, int times) {
        long load = LOAD_ROOM * 2 * MIB;
        long room = SPANS * spanBytes + load;
        try (Highpage hp = Highpage.builder()
                .device(HostDevice.coherent(2 * room))
                .deviceMemory(room)
                .open()) {
            PageBuffer full = hp.allocate(
                    SPANS * spanBytes,
                    Allocation.defaults().pageBytes(pageBytes).spanBytes(spanBytes));
            PageRange page = hp.allocate(spanBytes, Allocation.defaults().spanBytes(spanBytes))
                    .range(0, 4096);
            Budget own = hp.budget("load", Long.MAX_VALUE).deviceMemory(hp.device(), load);
            PageBuffer other =
                    own.allocate(LOAD_SPANS * 2 * MIB, Allocation.defaults().spanBytes(2 * MIB));
            full.fill((byte) 1);
            page.fill((byte) 1);
            other.fill((byte) 1);
            done = false;
            Thread busy = Thread.ofPlatform().name("busy").start(() -> work(hp, other));
            try {
                return times(hp, full, page, step, times);
            } finally {
                done = true;
                Latency.join(busy);
            }
        }
    }

    private void work(Highpage hp, PageBuffer buffer) {
        Random random = new Random(1);
        while (!done) {
            read(hp, buffer.range(random.nextInt(LOAD_SPANS) * 2 * MIB, 2 * MIB));
        }
    }

    private static Histogram times(
            Highpage hp, PageBuffer full, PageRange page, Step step, int times) {
        Histogram histogram = new Histogram(TimeUnit.SECONDS.toNanos(100), 3);
        for (int time = 0; time < times; time++) {
            for (long at = 0; at < full.byteSize(); at += full.spanBytes()) {
                read(hp, full.range(at, full.spanBytes()));
            }
            long began = System.nanoTime();
            step.take(hp, page);
            histogram.recordValue(System.nanoTime() - began);
            page.evict();
        }
        return histogram;
    }

    private static void read(Highpage hp, PageRange range) {
        range.access(hp.device(), AccessMode.READ).close();
    }
}
