// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.watch.Watch;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What there is to tell of a runtime that became unreachable while it was open. Refers to nothing
 * that has the runtime: what holds its pages is asked of the page tables, whose memory is there for
 * good then. Thread-safe.
 */
final class RuntimeInWords implements Supplier<String> {
    private final String name;
    private final List<String> devices;
    private final BudgetNode budget;
    private final Set<PageTable> tables = ConcurrentHashMap.newKeySet();
    private volatile Watch.@Nullable Opened opened; // null: nobody watches

    RuntimeInWords(String name, List<String> devices, BudgetNode budget) {
        this.name = name;
        this.devices = devices;
        this.budget = budget;
    }

    void opened(Watch.@Nullable Opened runtime) {
        opened = runtime;
    }

    /** A buffer has been allocated. */
    void add(PageTable buffer) {
        tables.add(buffer);
    }

    /** A buffer has given everything back. */
    void remove(PageTable buffer) {
        tables.remove(buffer);
    }

    @Override
    public String get() {
        Watch.Opened watched = opened;
        return "runtime " + name + " on " + devices
                + " became unreachable while open: nobody can close it, and what it has stays"
                + " taken: " + taken() + "; " + kept() + "; "
                + (watched == null
                        ? "-Dhighpage.trace.holders=true tells where it was opened, and its pins,"
                                + " holds and accesses"
                        : watched.where().getMessage() + " at " + watched.place());
    }

    private String taken() {
        StringJoiner taken = new StringJoiner(", ", "", " of " + tables.size() + " buffers");
        taken.add(budget.used(PageWord.HOME) + " bytes at home");
        for (int tier = 1; tier < budget.tiers(); tier++) {
            taken.add(budget.used(tier) + " on " + devices.get(tier - 1));
        }
        return taken.toString();
    }

    /** {@return how many pages are kept in place by whom} A page may be in several of them. */
    private String kept() {
        long pinned = 0;
        long held = 0;
        long accessed = 0;
        for (PageTable table : tables) {
            boolean whole = BufferWord.wholePins(table.bufferWord()) > 0;
            for (long page = 0; page < table.pageCount(); page++) {
                long word = table.word(page);
                pinned += whole || PageWord.pins(word) > 0 ? 1 : 0;
                held += PageWord.holds(word) > 0 ? 1 : 0;
                accessed += PageWord.accesses(word) > 0 ? 1 : 0;
            }
        }
        return pinned + " pages pinned, " + held + " held, " + accessed + " accessed";
    }
}
