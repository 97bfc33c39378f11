// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.device.PageRuns;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.HomeWindow;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.HomeDiscard;
import io.highpage.internal.migrate.MigrationPool;
import io.highpage.internal.migrate.Move;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.Seal;
import io.highpage.internal.migrate.Tiers;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Words;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What two actors meet on: one buffer of one page of 8 bytes, made of the shipped classes, with two
 * devices. The page is so small that the steps between which the actors can meet are all that takes
 * time.
 *
 * <p>Actors call its operations, which return 1 if they succeeded and 0 if they were refused.
 */
class Subject {
    static final long PAGE_BYTES = 8;

    /** The bytes of the page before the actors start. */
    static final int BEFORE = 1;

    private static final BudgetNode BUDGET = BudgetNode.root("all", 3);
    private static final List<DeviceSlot> DEVICES = List.of(
            new DeviceSlot(1, "plain", new PlainDevice(), BUDGET, Long.BYTES),
            new DeviceSlot(2, "plain#2", new PlainDevice(), BUDGET, Long.BYTES));
    private static final Tiers TIERS = Tiers.of(DEVICES, new MigrationPool(Arena.ofShared()));

    final Words words;
    final PageTable table;
    final Pages pages;

    Subject(Function<MemorySegment, Words> kind) {
        this(kind, TIERS, BUDGET);
    }

    /** One on devices of its own. */
    Subject(Function<MemorySegment, Words> kind, Tiers tiers, BudgetNode budget) {
        MemorySegment slot = Memory.take();
        words = kind.apply(slot.asSlice(0, OffHeapWords.byteSize(1)));
        table = new PageTable(words, 1);
        pages = new Pages(
                1,
                table,
                HomeWindow.in(
                        slot.asSlice(Memory.SLOT_BYTES / 2, PAGE_BYTES),
                        Resident.HERE,
                        new Account(budget)),
                PageSizes.ofPages(PAGE_BYTES),
                tiers);
    }

    /** {@return a buffer whose page is at home, and is 1} */
    static Subject atHome(Function<MemorySegment, Words> kind) {
        return new Subject(kind).bringHome();
    }

    private Subject bringHome() {
        boolean ignored = table.tryLock(0, word(), PageWord.HOME);
        pages.home().prepare(RunList.onHeap(0), page());
        pages.home().memory().set(ValueLayout.JAVA_LONG, 0, BEFORE);
        table.publish(0, 0);
        table.subtractAway(1);
        return this;
    }

    private static RunList page() {
        RunList page = RunList.onHeap(1);
        page.add(0, PAGE_BYTES);
        return page;
    }

    /** {@return a buffer whose page is on the first device, and is 1; at home it was 0} */
    static Subject onDevice(Function<MemorySegment, Words> kind) {
        return new Subject(kind).bringToDevice();
    }

    /** Brings a new one's page to the first device. {@return this} */
    Subject bringToDevice() {
        bringHome();
        int ignored = access(1);
        Claim.release(pages, Verb.ACCESS, 0, 1);
        pages.home().memory().set(ValueLayout.JAVA_LONG, 0, 0);
        return this;
    }

    /** {@return a buffer whose page is at home and on the first device, and is 1} */
    static Subject onBoth(Function<MemorySegment, Words> kind) {
        Subject made = atHome(kind);
        int ignored = made.moveIn(1);
        return made;
    }

    // ---- what actors do ----

    int pin() {
        return claim(Verb.PIN, PageWord.HOME);
    }

    int hold() {
        return claim(Verb.HOLD, PageWord.HOME);
    }

    int access(int device) {
        return claim(Verb.ACCESS, device);
    }

    int readAccess(int device) {
        return claim(Verb.READ_ACCESS, device);
    }

    private int claim(Verb verb, int tier) {
        try {
            Claim.take(pages, verb, tier, 0, 1, Terms.defaults());
            return 1;
        } catch (HighpageException | IllegalStateException refused) {
            return 0;
        }
    }

    void unpin() {
        Claim.release(pages, Verb.PIN, 0, 1);
    }

    int pinWhole() {
        return table.tryPinWhole() ? 1 : 0;
    }

    int moveIn(int device) {
        return moved(Move.in(pages, device, 0, 1));
    }

    int moveHome() {
        return moved(Move.home(pages, 0, 1));
    }

    void discardHome() {
        long ignored = HomeDiscard.run(pages, 0, 1);
    }

    private static int moved(MoveReport report) {
        return (int) report.outcomes().count(PageOutcome.MOVED);
    }

    int close() {
        if (!Seal.tryClose(pages)) {
            return 0;
        }
        pages.close();
        return 1;
    }

    /**
     * {@return what the operation of a weakened twin returns, or -1 if the mess that it is in made
     * it throw}
     */
    static int attempt(IntSupplier operation) {
        try {
            return operation.getAsInt();
        } catch (RuntimeException | AssertionError mess) {
            return -1;
        }
    }

    /** The same of one that says something. {@return that, or what stands for the mess} */
    static String attempt(Supplier<String> operation, String mess) {
        try {
            return operation.get();
        } catch (RuntimeException | AssertionError thrown) {
            return mess;
        }
    }

    // ---- what is looked at ----

    long word() {
        return table.word(0);
    }

    String state() {
        return PageWord.stateName(PageWord.state(word()));
    }

    /** {@return the memory that the page is in} */
    MemorySegment memory() {
        return PageWord.isOnDevice(word())
                ? pages.deviceWindow(PageWord.device(word()), 0).memory()
                : pages.home().memory();
    }

    /** {@return the page as a number} */
    int bytes() {
        return (int) memory().get(ValueLayout.JAVA_LONG, 0);
    }

    /** {@return the bytes at the page's home as a number, whether they are the page or not} */
    int homeBytes() {
        return (int) pages.home().memory().get(ValueLayout.JAVA_LONG, 0);
    }

    /** {@return 1 if the page has memory at home, else 0} */
    int hasHome() {
        return PageWord.is(word(), PageWord.COMMITTED) ? 1 : 0;
    }

    /** {@return whether the page is closed, in words} */
    String openness() {
        return PageWord.is(word(), PageWord.CLOSED) ? "closed" : "open";
    }

    /**
     * Gives the device windows back, of which there are not enough for every subject. The last
     * thing an arbiter does.
     */
    void forget() {
        pages.close();
    }

    /** Host memory that is there already. */
    private enum Resident implements HostMemory {
        HERE;

        @Override
        public MemorySegment map(long byteSize, long alignment, boolean hugePages) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void unmap(MemorySegment memory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void commit(MemorySegment window, PageRuns runs) {
            // It has memory.
        }

        @Override
        public boolean discard(MemorySegment window, PageRuns runs) {
            return true; // what there was of it is not looked at
        }

        @Override
        public void checkLockable(long byteSize) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void lock(MemorySegment memory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void unlock(MemorySegment memory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Verification verifyLocked(MemorySegment memory) {
            throw new UnsupportedOperationException();
        }
    }
}
