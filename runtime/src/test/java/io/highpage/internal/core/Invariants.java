// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.TierBytes;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;

import java.util.HashMap;
import java.util.Map;

/**
 * What is true of a runtime in which nothing is under way and nothing is open: walks every word.
 */
public final class Invariants {
    private Invariants() {}

    /** Checks a runtime whose pins, holds and accesses are all closed. */
    public static void checkAtRest(PageRuntime runtime) {
        assertThat(runtime.holders()).as("holders").isEmpty();
        Map<Device, Long> used = new HashMap<>();
        for (PageBuffer buffer : runtime.buffers()) {
            checkBuffer(runtime, (ManagedBuffer) buffer, used);
        }
        for (Device device : runtime.devices()) {
            assertThat(device.usedBytes())
                    .as("used bytes of %s", device.name())
                    .isEqualTo(used.getOrDefault(device, 0L));
        }
        checkBudget(runtime, ((ManagedBudget) runtime.budget()).node());
    }

    /** What a budget has in use is what the buffers in it, and in those in it, have taken. */
    private static void checkBudget(PageRuntime runtime, BudgetNode budget) {
        for (int tier = 0; tier < budget.tiers(); tier++) {
            int of = tier;
            long sum = runtime.unfinished().stream()
                    .filter(buffer -> buffer.account().budget().isWithin(budget))
                    .mapToLong(buffer -> taken(buffer, of))
                    .sum();
            assertThat(budget.used(tier)).as("tier %d of %s", tier, budget).isEqualTo(sum);
        }
        budget.groups().forEach(group -> checkBudget(runtime, group));
    }

    /** {@return what a buffer has of a tier, by its home and by its windows that have memory} */
    private static long taken(ManagedBuffer buffer, int tier) {
        Pages pages = buffer.pages();
        if (tier == PageWord.HOME) {
            return pages.home().chargedBytes();
        }
        long sum = 0;
        for (long page = 0; page < buffer.pageCount(); page = pages.spanEnd(page)) {
            DeviceWindow window = pages.deviceWindow(tier, page);
            sum += window.extent() != null ? window.byteSize() : 0;
        }
        return sum;
    }

    private static void checkBuffer(
            PageRuntime runtime, ManagedBuffer buffer, Map<Device, Long> used) {
        PageTable table = buffer.pages().table();
        long away = 0;
        long committed = 0;
        Map<DeviceWindow, Long> windows = new HashMap<>(); // with the bytes of their spans
        for (long page = 0; page < table.pageCount(); page++) {
            long word = table.word(page);
            String text = buffer + ", page " + page + ": " + PageWord.describe(word);
            int state = PageWord.state(word);
            assertThat(PageWord.isMoving(word)).as("moving at rest: %s", text).isFalse();
            assertThat(PageWord.isCounted(word)).as("counted at rest: %s", text).isFalse();
            assertThat(PageWord.is(word, PageWord.CLOSED))
                    .as("closed but open: %s", text)
                    .isFalse();
            assertThat(PageWord.is(word, PageWord.WANTED))
                    .as("wanted by nobody: %s", text)
                    .isFalse();
            assertThat(word & PageWord.SPARE_MASK).as("spare bits: %s", text).isZero();
            committed += PageWord.is(word, PageWord.COMMITTED) ? 1 : 0;
            boolean named = PageWord.isOnDevice(word) || state == PageWord.LOST;
            assertThat(PageWord.device(word) != 0)
                    .as("names a device: %s", text)
                    .isEqualTo(named);
            if (PageWord.isAtHome(word)) {
                assertThat(PageWord.is(word, PageWord.COMMITTED))
                        .as("home without memory: %s", text)
                        .isTrue();
            }
            away += state == PageWord.HOST ? 0 : 1; // what is not at home alone
            if (named) {
                Pages pages = buffer.pages();
                long end = pages.spanEnd(page) * buffer.pageBytes();
                windows.put(
                        pages.deviceWindow(PageWord.device(word), page),
                        end - pages.spanStart(page));
            }
        }
        assertThat(table.bufferWord())
                .as("buffer word of %s: away only", buffer)
                .isEqualTo(away);
        assertThat(BufferWord.isClosed(table.bufferWord())).isEqualTo(!buffer.isOpen());
        windows.forEach((window, bytes) -> used.merge(window.device(), bytes, Long::sum));
        assertThat(taken(buffer, PageWord.HOME))
                .as("charged for homes of %s", buffer)
                .isEqualTo(committed * buffer.pageBytes());
        checkTierBytes(buffer);
        for (Device device : runtime.devices()) {
            assertThat(taken(buffer, ((DeviceSlot) device).id()))
                    .as("taken for windows of %s on %s", buffer, device.name())
                    .isEqualTo(windows.entrySet().stream()
                            .filter(entry -> entry.getKey().device() == device)
                            .mapToLong(Map.Entry::getValue)
                            .sum());
        }
    }

    /** What is told of a buffer, of which not every word is looked at. */
    private static void checkTierBytes(ManagedBuffer buffer) {
        PageTable table = buffer.pages().table();
        Map<String, Long> bytes = new HashMap<>();
        Map<String, Long> clean = new HashMap<>();
        bytes.put(TierBytes.HOME, 0L);
        for (long page = 0; page < table.pageCount(); page++) {
            long word = table.word(page);
            boolean both = PageWord.isAtHome(word) && PageWord.isOnDevice(word);
            if (PageWord.isAtHome(word)) {
                bytes.merge(TierBytes.HOME, buffer.pageBytes(), Long::sum);
                clean.merge(TierBytes.HOME, both ? buffer.pageBytes() : 0, Long::sum);
            }
            if (PageWord.isOnDevice(word)) {
                String device = buffer.pages().device(PageWord.device(word)).name();
                bytes.merge(device, buffer.pageBytes(), Long::sum);
                clean.merge(device, both ? buffer.pageBytes() : 0, Long::sum);
            }
        }
        assertThat(TierBytes.of(buffer.pages()))
                .as("where the bytes of %s are", buffer)
                .containsExactlyInAnyOrderElementsOf(bytes.keySet().stream()
                        .map(tier ->
                                new TierBytes(tier, bytes.get(tier), clean.getOrDefault(tier, 0L)))
                        .toList());
    }
}
