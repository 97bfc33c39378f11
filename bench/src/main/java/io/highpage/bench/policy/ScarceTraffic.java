// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.bench.Numbers;
import io.highpage.bench.Quantity;
import io.highpage.bench.Scarce;
import io.highpage.bench.policy.Trace.Limit;
import io.highpage.bench.policy.Trace.Than;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceTraffic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What {@link Scarce} moves where a quarter of its data fits, against the least possible, and how
 * much of what leaves is copied.
 */
public final class ScarceTraffic {
    private static final int TIMES = 4;

    private ScarceTraffic() {}

    /**
     * Does the work once.
     *
     * @param name for the quantities, which begin with {@code scarce.} and what it is
     * @param device as {@code highpage devices} names it
     * @param spans how much data
     * @param passes how often it goes over all data
     * @return what was counted
     */
    public static List<Quantity> measure(String name, String device, int spans, int passes) {
        try (Scarce scarce = Scarce.open(device, spans, TIMES)) {
            String prefix = "scarce." + name + ".";
            scarce.run(passes);
            DeviceTraffic working = scarce.traffic();
            scarce.evict();
            DeviceTraffic all = scarce.traffic();
            long moved = all.bytesIn() + all.bytesOut();
            long least = Policy.OPTIMUM.moved(trace(scarce.uses(), spans));
            return List.of(
                    share(prefix + "moved", moved, least, "times the least", "moved against"),
                    share(
                            prefix + "freeByPage",
                            working.bytesEvictedFree(),
                            working.bytesEvicted(),
                            "of the bytes evicted",
                            "saved of"),
                    new Quantity(
                            prefix + "freeBySpan",
                            ratio(working.spansEvictedFree(), working.spansEvicted()),
                            "of the spans evicted",
                            working.spansEvictedFree() + " of " + working.spansEvicted()
                                    + " spans had nothing to copy"));
        }
    }

    /**
     * Does the work once on the host device, and writes down which spans its threads used.
     *
     * @param folder for {@code threads.trace}
     * @param command what asked for it, for the remark in the file
     */
    public static void record(Path folder, String command) throws IOException {
        int spans = 64;
        int passes = 12;
        try (Scarce scarce = Scarce.open("host", spans, TIMES)) {
            scarce.run(passes);
            List<Integer> used = new ArrayList<>();
            List<AccessMode> modes = new ArrayList<>();
            for (Scarce.Use use : scarce.uses()) {
                used.add((int) (use.offset() / Scarce.SPAN_BYTES));
                modes.add(use.mode());
            }
            Trace trace = new Trace(
                    "threads",
                    spans / TIMES * Scarce.SPAN_BYTES,
                    new Limit(1.15, Than.OPTIMUM),
                    Collections.nCopies(spans, Scarce.SPAN_BYTES),
                    used,
                    modes);
            Files.writeString(
                    folder.resolve(trace.name() + Trace.ENDING),
                    trace.text("recorded: " + command + ", two threads on data of four times the"
                            + " memory, " + passes + " passes"));
        }
    }

    private static Quantity share(String name, long part, long of, String unit, String words) {
        return new Quantity(
                name,
                ratio(part, of),
                unit,
                Numbers.size(part) + " " + words + " " + Numbers.size(of));
    }

    private static double ratio(long part, long of) {
        return (double) part / Math.max(1, of);
    }

    /** Parts of spans stand for spans: kernels that change use one part, those that read all. */
    private static Trace trace(List<Scarce.Use> uses, int spans) {
        List<Integer> parts = new ArrayList<>();
        List<AccessMode> modes = new ArrayList<>();
        for (Scarce.Use use : uses) {
            for (long at = 0; at < use.byteSize(); at += Scarce.PART_BYTES) {
                parts.add((int) ((use.offset() + at) / Scarce.PART_BYTES));
                modes.add(use.mode());
            }
        }
        int all = (int) (spans * Scarce.SPAN_BYTES / Scarce.PART_BYTES);
        return new Trace(
                "4 x",
                spans / TIMES * Scarce.SPAN_BYTES,
                Limit.NONE,
                Collections.nCopies(all, Scarce.PART_BYTES),
                parts,
                modes);
    }
}
