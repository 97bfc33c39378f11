// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.RuntimeStatistics;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A runtime's counters as they were at one moment. */
public record StatisticsSnapshot(
        String name,
        Map<String, DeviceTraffic> devices,
        BudgetInfo budget,
        Happened happened,
        Open open)
        implements RuntimeStatistics {

    /** Keeps copies of the maps. */
    public StatisticsSnapshot {
        devices = copy(devices);
    }

    /** What has happened so far. */
    public record Happened(
            Map<String, Long> movedBytes,
            long waits,
            Duration waitTime,
            Map<PageOutcome, Long> rejections,
            long budgetRefusals,
            long discardedBytes) {

        /** Keeps copies of the maps. */
        public Happened {
            movedBytes = copy(movedBytes);
            rejections = copy(rejections);
        }
    }

    /** What is open. */
    public record Open(int buffers, Map<String, Integer> holders, long pageLockedBytes) {

        /** Keeps a copy of the map. */
        public Open {
            holders = copy(holders);
        }
    }

    private static <K, V> Map<K, V> copy(Map<K, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map)); // in the same order
    }

    @Override
    public Map<String, Long> movedBytes() {
        return happened.movedBytes;
    }

    @Override
    public long waits() {
        return happened.waits;
    }

    @Override
    public Duration waitTime() {
        return happened.waitTime;
    }

    @Override
    public Map<PageOutcome, Long> rejections() {
        return happened.rejections;
    }

    @Override
    public long budgetRefusals() {
        return happened.budgetRefusals;
    }

    @Override
    public long discardedBytes() {
        return happened.discardedBytes;
    }

    @Override
    public int openBuffers() {
        return open.buffers;
    }

    @Override
    public Map<String, Integer> openHolders() {
        return open.holders;
    }

    @Override
    public long pageLockedBytes() {
        return open.pageLockedBytes;
    }

    /** {@return some lines, without a line end at the end} */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder("runtime ").append(name);
        devices.forEach((device, traffic) ->
                lines.append("\ndevice ").append(device).append(": ").append(traffic));
        return lines.append("\nbytes moved, by operation: ")
                .append(movedBytes())
                .append("\nwaits: ")
                .append(waits())
                .append(", ")
                .append(waitTime().toMillis())
                .append(" ms; refused: ")
                .append(rejections())
                .append("; refused by budgets: ")
                .append(budgetRefusals())
                .append("; bytes of homes given up: ")
                .append(discardedBytes())
                .append("\nopen: ")
                .append(openBuffers())
                .append(" buffers, holders ")
                .append(openHolders())
                .append("; ")
                .append(pageLockedBytes())
                .append(" bytes page-locked\n")
                .append(budget)
                .toString();
    }
}
