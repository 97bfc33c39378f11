// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.top;

import io.highpage.cli.console.Printable;
import io.highpage.cli.console.Units;
import io.highpage.management.BudgetState;
import io.highpage.management.BufferState;
import io.highpage.management.DeviceState;
import io.highpage.management.HolderState;
import io.highpage.management.TierState;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A runtime in lines of 80 columns, with what has happened since it was looked at before. */
public final class TopTable {
    /** How many buffers and holders are shown. */
    public static final int ROWS = 5;

    private static final int WIDTH = 80;
    private static final String HOST = "host memory"; // as budgets call it
    private static final String HOME = "home"; // as buffers do
    private static final String TIERS = "%-16s %11s %11s %9s %10s %10s %7s";

    private final List<String> lines = new ArrayList<>();
    private final Sample now;
    private final Optional<Sample> before;

    private TopTable(Sample now, Optional<Sample> before) {
        this.now = now;
        this.before = before;
    }

    /**
     * {@return the lines}
     *
     * @param pid the process
     * @param now the runtime
     * @param before the same before; empty if it is new
     */
    public static List<String> lines(long pid, Sample now, Optional<Sample> before) {
        TopTable table = new TopTable(now, before);
        table.head(pid);
        table.tiers();
        table.happened();
        table.budgets();
        table.buffers();
        table.holders();
        return table.lines;
    }

    private void add(String line) {
        String shown = Printable.line(line).stripTrailing();
        lines.add(shown.length() <= WIDTH ? shown : shown.substring(0, WIDTH - 1) + "~");
    }

    private void add(String pattern, Object... values) {
        add(Units.format(pattern, values));
    }

    private void head(long pid) {
        String open = now.map("openHolders").entrySet().stream()
                .filter(kind -> !kind.getValue().equals(0))
                .map(kind -> kind.getValue() + " " + kind.getKey())
                .collect(Collectors.joining(", "));
        add(now.name() + " of process " + pid + ": "
                + Units.count(now.count("openBuffers"), "buffer") + ", open holders: "
                + (open.isEmpty() ? "none" : open));
    }

    // ---- tiers ----

    private void tiers() {
        add(TIERS, "TIER", "USED", "LIMIT", "MOVES/S", "IN/S", "OUT/S", "EVICTED");
        for (BudgetState budget : now.budgets()) {
            if (!budget.name().equals(own())) {
                continue;
            }
            if (budget.memory().equals(HOST)) {
                tier(budget, HOME, "", "", "", "");
            } else {
                now.devices().stream()
                        .filter(device -> device.name().equals(budget.memory()))
                        .forEach(device -> device(budget, device));
            }
        }
    }

    /** {@return the name of the runtime's own budget, which is the first} */
    private String own() {
        return now.budgets().isEmpty() ? "" : now.budgets().getFirst().name();
    }

    private void tier(BudgetState budget, String name, String... rest) {
        add(
                TIERS,
                name,
                Units.bytes(budget.usedBytes()),
                Units.bytes(budget.limitBytes()),
                rest[0],
                rest[1],
                rest[2],
                rest[3]);
    }

    private void device(BudgetState budget, DeviceState device) {
        Optional<DeviceState> earlier = before.flatMap(sample -> sample.devices().stream()
                .filter(each -> each.name().equals(device.name()))
                .findFirst());
        DeviceState then = earlier.orElse(device);
        long moves = device.copiesIn() + device.copiesOut() - then.copiesIn() - then.copiesOut();
        tier(
                budget,
                device.name() + (device.lost() ? " LOST" : ""),
                Units.count(perSecond(moves)),
                Units.bytes(perSecond(device.bytesIn() - then.bytesIn())),
                Units.bytes(perSecond(device.bytesOut() - then.bytesOut())),
                Units.count(device.spansEvicted()));
    }

    private long perSecond(long count) {
        long nanos = before.map(then -> now.nanos() - then.nanos()).orElse(0L);
        // Another runtime of that name counts from 0 again.
        return nanos <= 0 ? 0 : Math.max(0, Math.round(count * 1e9 / nanos));
    }

    private void happened() {
        long waited = now.count("waitNanos")
                - before.map(then -> then.count("waitNanos")).orElse(now.count("waitNanos"));
        String reasons = now.map("rejections").entrySet().stream()
                .filter(reason -> !reason.getValue().equals(0L))
                .map(TopTable::inWords)
                .collect(Collectors.joining(", "));
        add(
                "waits %s (%s ms/s), refused by budgets %s, page-locked %s",
                Units.count(now.count("waits")),
                Units.count(perSecond(waited) / 1_000_000),
                Units.count(now.count("budgetRefusals")),
                Units.bytes(now.count("pageLockedBytes")));
        if (!reasons.isEmpty()) {
            add("refused: " + reasons);
        }
    }

    private static String inWords(Map.Entry<?, ?> reason) {
        return reason.getKey() + " " + reason.getValue();
    }

    // ---- what is in it ----

    private void budgets() {
        List<BudgetState> others = now.budgets().stream()
                .filter(budget -> !budget.name().equals(own()) && budget.usedBytes() > 0)
                .toList();
        if (others.isEmpty()) {
            return;
        }
        add("");
        add("%-34s %-16s %13s %13s", "BUDGET", "MEMORY", "USED", "LIMIT");
        others.stream()
                .limit(ROWS)
                .forEach(budget -> add(
                        "%-34s %-16s %13s %13s",
                        budget.name(),
                        budget.memory().equals(HOST) ? HOME : budget.memory(),
                        Units.bytes(budget.usedBytes()),
                        Units.bytes(budget.limitBytes())));
    }

    private void buffers() {
        if (now.buffers().isEmpty()) {
            return;
        }
        add("");
        add("%-8s %11s %10s  %s", "BUFFER", "LENGTH", "PAGES OF", "WHERE ITS BYTES ARE");
        for (BufferState buffer : now.buffers()) {
            String tiers = buffer.tiers().stream()
                    .filter(tier -> tier.bytes() > 0)
                    .map(TopTable::inWords)
                    .collect(Collectors.joining(", "));
            add(
                    "%-8s %11s %10s  %s",
                    buffer.number(),
                    Units.bytes(buffer.byteSize()),
                    Units.bytes(buffer.pageBytes()),
                    tiers.isEmpty() ? "nowhere: never written" : tiers);
        }
    }

    /** What is clean is told of the device: at home it is the sum of those. */
    private static String inWords(TierState tier) {
        String bytes = tier.name() + " " + Units.bytes(tier.bytes());
        return tier.cleanBytes() == 0 || tier.name().equals(HOME)
                ? bytes
                : bytes + " (" + Units.bytes(tier.cleanBytes()) + " clean)";
    }

    private void holders() {
        if (now.holders().isEmpty()) {
            return;
        }
        add("");
        add("%10s %-7s %-10s %8s %11s  %s", "HELD FOR", "KIND", "MODE", "BUFFER", "BYTES", "OWNER");
        for (HolderState holder : now.holders()) {
            add(
                    "%10s %-7s %-10s %8s %11s  %s",
                    holder.ageNanos() < 0 ? "unknown" : age(holder.ageNanos()),
                    holder.kind(),
                    holder.mode(),
                    holder.buffer(),
                    Units.bytes(holder.byteSize()),
                    owner(holder));
        }
    }

    private static String owner(HolderState holder) {
        if (!holder.owner().isEmpty()) {
            return holder.owner();
        }
        return holder.thread().isEmpty() ? "a thread without a name" : "thread " + holder.thread();
    }

    private static String age(long nanos) {
        long seconds = nanos / 1_000_000_000;
        if (seconds < 60) {
            return Units.format("%.1f s", nanos / 1e9);
        }
        return seconds < 3600
                ? Units.format("%d min %02d", seconds / 60, seconds % 60)
                : Units.format("%d h %02d min", seconds / 3600, seconds / 60 % 60);
    }
}
