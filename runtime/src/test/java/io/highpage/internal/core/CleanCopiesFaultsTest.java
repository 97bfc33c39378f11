// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.device.PageRuns;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.HomeDiscard;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Random operations in every mode, by one thread, on two buffers and two devices that have room for
 * little, while calls fail, homes are given up and devices go. Whatever comes of an operation, the
 * bytes that it was not to change are what they were, and a page is lost only if it was on the
 * device alone, or was brought there to be written. Other tests say what an operation answers; this
 * one looks at the bytes.
 */
class CleanCopiesFaultsTest {
    private static final int PAGE = Scene.PAGE;
    private static final int SEEDS = 500;
    private static final int STEPS = 60;
    private static final Set<Call> ANY = EnumSet.complementOf(
            EnumSet.of(Call.FREE, Call.RELEASE, Call.UNMAP, Call.UNLOCK, Call.QUIESCE));

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** A buffer, and what a program may expect of it. */
    private static final class Expected {
        final PageBuffer buffer;
        final byte[] bytes;
        final boolean[] lost; // pages
        final boolean[] alone; // pages that were on a device alone before the last operation

        Expected(PageBuffer buffer) {
            this.buffer = buffer;
            this.bytes = new byte[(int) buffer.byteSize()];
            this.lost = new boolean[(int) buffer.pageCount()];
            this.alone = new boolean[lost.length];
        }

        /**
         * Before an operation: what can be lost without it. Where home memory is short, the home of
         * a page in both places may be given up first.
         */
        void note(boolean isHomeShort) {
            for (int page = 0; page < alone.length; page++) {
                long word = word(page);
                alone[page] = isHomeShort
                        ? PageWord.state(word) != PageWord.HOST
                        : !PageWord.isAtHome(word);
            }
        }

        /** After an operation that wrote to some pages. */
        void lose(int from, int to) {
            for (int page = 0; page < lost.length; page++) {
                if (!lost[page] && isLost(page)) {
                    assertThat(alone[page] || from <= page && page < to)
                            .as("page %d of %s was lost but had a home", page, buffer)
                            .isTrue();
                    lost[page] = true;
                }
            }
        }

        int lostPages() {
            int count = 0;
            for (boolean each : lost) {
                count += each ? 1 : 0;
            }
            return count;
        }

        boolean isLost(int page) {
            long word = word(page);
            Pages pages = ((ManagedBuffer) buffer).pages();
            return PageWord.state(word) == PageWord.LOST
                    || PageWord.state(word) == PageWord.DEVICE
                            && pages.device(PageWord.device(word)).isLost();
        }

        long word(int page) {
            return ((ManagedBuffer) buffer).word(page);
        }
    }

    private static final class Run {
        final Rig rig;
        final Choices choices;
        final List<Expected> buffers = new ArrayList<>();
        final List<Holder> open = new ArrayList<>();
        final List<String> log = new ArrayList<>();
        final boolean isHomeShort;
        byte next = 1;
        int failures;
        int clean; // copies that were found valid in both places

        Run(Rig rig, Choices choices) {
            this.rig = rig;
            this.choices = choices;
            this.isHomeShort = choices.below(2) == 0;
            if (isHomeShort) {
                rig.runtime().budget().hostMemory((3L + choices.below(9)) * PAGE);
            }
            for (int i = 0; i < 2; i++) {
                int pages = 1 + choices.below(7);
                int span = 1 << choices.below(3);
                buffers.add(new Expected(rig.runtime()
                        .allocate(
                                (long) pages * PAGE - choices.below(100),
                                PageSizes.of(PAGE, (long) span * PAGE))));
            }
        }

        void all() {
            try {
                for (int step = 0; step < STEPS; step++) {
                    step();
                    for (Expected each : buffers) {
                        check(each);
                    }
                }
                open.forEach(Run::close);
                rig.runtime().budget().hostMemory(Long.MAX_VALUE); // to read all
                for (Expected each : buffers) {
                    read(each);
                }
                Invariants.checkAtRest(rig.runtime());
            } catch (RuntimeException | Error failure) {
                throw new AssertionError(choices + ": " + String.join("\n", log), failure);
            }
        }

        void step() {
            Expected on = buffers.get(choices.below(2));
            int size = on.bytes.length;
            int offset = choices.below(4) == 0 ? 0 : choices.below(size);
            int bytes = choices.below(4) == 0 ? size - offset : 1 + choices.below(size - offset);
            PageRange range = on.buffer.range(offset, bytes);
            Device device = rig.runtime().devices().get(choices.below(2));
            AccessMode mode = AccessMode.values()[choices.below(3)];
            Terms terms = Terms.defaults().mode(mode);
            int kind = choices.below(17);
            boolean faulty = choices.below(5) == 0;
            if (faulty) {
                Faults.Action action = switch (choices.below(12)) {
                    case 0 -> Faults.LOSE;
                    case 1, 2 -> Faults.FAIL_DONE;
                    case 3 -> Faults.THROW_ERROR;
                    default -> Faults.FAIL;
                };
                rig.faults().arm(1 + choices.below(4), action, ANY);
            }
            log.add(kind + " " + mode + " " + range + " " + device + (faulty ? " faulty" : "") + " "
                    + picture(on));
            buffers.forEach(each -> each.note(isHomeShort));
            boolean writes = true;
            byte[] after = on.bytes.clone();
            boolean done = false;
            Expected other = null;
            byte[] otherAfter = null;
            int otherAt = 0;
            try {
                switch (kind) {
                    case 0, 1 -> {
                        byte[] data = new byte[bytes];
                        Arrays.fill(data, next++);
                        System.arraycopy(data, 0, after, offset, bytes);
                        on.buffer.write(offset, MemorySegment.ofArray(data));
                        done = true;
                    }
                    case 2 -> {
                        byte[] data = new byte[bytes];
                        writes = false;
                        on.buffer.read(offset, MemorySegment.ofArray(data));
                        expect(data, on, offset);
                    }
                    case 3 -> {
                        byte value = choices.below(2) == 0 ? 0 : next++;
                        Arrays.fill(after, offset, offset + bytes, value);
                        range.fill(value);
                        done = true;
                    }
                    case 4 -> {
                        other = buffers.get(choices.below(2));
                        if (bytes <= other.bytes.length) {
                            otherAt = choices.below(other.bytes.length - bytes + 1);
                            otherAfter = other.bytes.clone();
                            System.arraycopy(on.bytes, offset, otherAfter, otherAt, bytes);
                            writes = false;
                            log.add(" to " + otherAt + " of " + other.buffer + " "
                                    + picture(other));
                            range.copyTo(other.buffer, otherAt);
                            done = true;
                        }
                    }
                    case 5, 6, 7 -> {
                        writes = false;
                        range.prefetch(device);
                    }
                    case 8 -> {
                        writes = false;
                        range.evict();
                    }
                    case 9 -> {
                        writes = false;
                        HomeDiscard.run(
                                ((ManagedBuffer) on.buffer).pages(),
                                offset / PAGE,
                                (offset + bytes - 1) / PAGE + 1);
                    }
                    case 10 -> {
                        writes = mode != AccessMode.READ;
                        Hold hold = range.hold(terms);
                        open.add(hold);
                        rig.faults().disarm();
                        for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                            MemorySegment memory = pieces.slice();
                            int at = (int) (offset + pieces.offset());
                            expect(memory, on, at);
                            if (writes) {
                                memory.fill(next);
                                Arrays.fill(after, at, at + (int) memory.byteSize(), next);
                                next++;
                            }
                        }
                        done = true;
                    }
                    case 11 -> {
                        writes = mode != AccessMode.READ;
                        Pin pin = range.pin(terms);
                        open.add(pin);
                        rig.faults().disarm();
                        expect(pin.segment(), on, offset);
                        if (writes) {
                            pin.segment().fill(next);
                            Arrays.fill(after, offset, offset + bytes, next++);
                        }
                        done = true;
                    }
                    case 12, 13 -> {
                        writes = mode != AccessMode.READ;
                        int span = (int) on.buffer.spanBytes();
                        int end = Math.min(offset + bytes, (offset / span + 1) * span);
                        DeviceAccess access =
                                on.buffer.range(offset, end - offset).access(terms, device);
                        open.add(access);
                        rig.faults().disarm();
                        OnDevice memory = OnDevice.of(access);
                        byte[] found = memory.read();
                        if (mode != AccessMode.WRITE) {
                            expect(found, on, offset);
                        } else {
                            for (int i = 0; i < found.length; i++) { // nobody else's
                                if (found[i] != 0 && found[i] != on.bytes[offset + i]) {
                                    throw new AssertionError("foreign byte " + i + ": " + found[i]);
                                }
                            }
                        }
                        if (writes) {
                            memory.fill(next);
                            Arrays.fill(after, offset, end, next++);
                        }
                        done = true;
                    }
                    default -> {
                        writes = false;
                        if (!open.isEmpty()) {
                            Holder holder = open.remove(choices.below(open.size()));
                            log.add(" " + holder);
                            close(holder);
                        }
                    }
                }
            } catch (HighpageException | Faults.InjectedError failure) {
                log.add("   " + failure);
                failures++;
            } finally {
                rig.faults().disarm();
            }
            settle(on, after, done, 0, 0);
            // What was to be written there may have gone with its device.
            on.lose(writes ? offset / PAGE : 0, writes ? (offset + bytes - 1) / PAGE + 1 : 0);
            if (otherAfter != null) {
                settle(other, otherAfter, done, otherAt, otherAt + bytes);
                other.lose(otherAt / PAGE, (otherAt + bytes - 1) / PAGE + 1);
            }
            buffers.forEach(each -> each.lose(0, 0));
        }

        /**
         * Takes what came of an operation: all, or if it failed any part, and anything where a
         * driver was to write.
         */
        void settle(Expected on, byte[] after, boolean done, int from, int to) {
            if (done) {
                System.arraycopy(after, 0, on.bytes, 0, after.length);
                return;
            }
            if (Arrays.equals(after, on.bytes) && from == to) {
                return;
            }
            byte[] now = peek(on);
            for (int i = 0; i < now.length; i++) {
                boolean any = now[i] == after[i] || from <= i && i < to;
                if (!on.isLost(i / PAGE) && any) {
                    on.bytes[i] = now[i];
                }
            }
        }

        /** What a driver of a lost device says is no news. */
        static void close(Holder holder) {
            try {
                holder.close();
            } catch (HighpageException told) {
                assertThat(told).hasMessageContaining("injected");
            }
        }

        /** {@return the bytes where the words have them; the same in both places if in two} */
        byte[] peek(Expected on) {
            byte[] now = new byte[on.bytes.length];
            ManagedBuffer buffer = (ManagedBuffer) on.buffer;
            for (int page = 0; page < on.lost.length; page++) {
                int from = page * PAGE;
                int length = Math.min(PAGE, now.length - from);
                long word = on.word(page);
                MemorySegment to = MemorySegment.ofArray(now).asSlice(from, length);
                if (PageWord.isMoving(word)) {
                    throw new AssertionError("moving");
                }
                if (PageWord.isAtHome(word)) {
                    to.copyFrom(buffer.pages().home().memory().asSlice(from, length));
                }
                if (PageWord.isOnDevice(word)
                        && !buffer.pages().device(PageWord.device(word)).isLost()) {
                    MemorySegment there = MemorySegment.ofArray(
                            new OnDevice(buffer, PageWord.device(word), from, length).read());
                    if (PageWord.isAtHome(word) && there.mismatch(to) != -1) {
                        throw new AssertionError("page " + page + " of " + buffer
                                + " differs in its two places at " + there.mismatch(to));
                    }
                    clean += PageWord.isAtHome(word) ? 1 : 0;
                    to.copyFrom(there);
                }
            }
            return now;
        }

        void check(Expected on) {
            byte[] now = peek(on);
            for (int i = 0; i < now.length; i++) {
                if (!on.lost[i / PAGE] && now[i] != on.bytes[i]) {
                    throw new AssertionError("byte " + i + " of " + on.buffer + " is " + now[i]
                            + ", not " + on.bytes[i] + " " + picture(on));
                }
            }
        }

        void read(Expected on) {
            byte[] data = new byte[PAGE];
            for (int page = 0; page < on.lost.length; page++) {
                int from = page * PAGE;
                int length = Math.min(PAGE, on.bytes.length - from);
                if (!on.lost[page]) {
                    MemorySegment to = MemorySegment.ofArray(data).asSlice(0, length);
                    on.buffer.read(from, to);
                    assertThat(to.mismatch(MemorySegment.ofArray(on.bytes).asSlice(from, length)))
                            .isEqualTo(-1);
                }
            }
        }

        void expect(byte[] found, Expected on, int offset) {
            expect(MemorySegment.ofArray(found), on, offset);
        }

        void expect(MemorySegment found, Expected on, int offset) {
            MemorySegment expected =
                    MemorySegment.ofArray(on.bytes).asSlice(offset, found.byteSize());
            long wrong = found.mismatch(expected);
            if (wrong != -1) {
                throw new AssertionError("wrong byte " + (offset + wrong) + " of " + on.buffer);
            }
        }

        static String picture(Expected on) {
            StringBuilder picture = new StringBuilder();
            for (int page = 0; page < on.lost.length; page++) {
                picture.append(PageWord.describe(on.word(page))).append(' ');
            }
            return picture.toString();
        }
    }

    /** Device memory as kernels have it, through its extent. */
    private record OnDevice(ManagedBuffer buffer, int device, int offset, int byteSize) {
        static OnDevice of(DeviceAccess access) {
            return new OnDevice(
                    (ManagedBuffer) access.buffer(),
                    ((DeviceSlot) access.device()).id(),
                    (int) access.offset(),
                    (int) access.byteSize());
        }

        private void run(byte[] bytes, boolean in) {
            Pages pages = buffer.pages();
            Place place = pages.deviceWindow(device, offset / PAGE).place();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(byteSize);
                long at = place.base() + offset - pages.spanStart(offset / PAGE);
                PageRuns runs = RunList.one(arena, 0, byteSize);
                if (in) {
                    memory.copyFrom(MemorySegment.ofArray(bytes));
                    place.extent().copyIn(at, memory, runs);
                } else {
                    place.extent().copyOut(at, memory, runs);
                    MemorySegment.ofArray(bytes).copyFrom(memory);
                }
            }
        }

        byte[] read() {
            byte[] bytes = new byte[byteSize];
            run(bytes, false);
            return bytes;
        }

        void fill(byte value) {
            byte[] bytes = new byte[byteSize];
            Arrays.fill(bytes, value);
            run(bytes, true);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytes_whateverFails_areThoseThatWereWritten(DeviceKind kind) {
        int failures = 0;
        int clean = 0;
        int lost = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Choices choices = Choices.ofSeed(seed);
            DeviceKind second = DeviceKind.values()[choices.below(2)];
            long room = (4L + choices.below(8)) * PAGE;
            Rig rig = rest.open(room, Scene.device(kind), Scene.device(second));
            Run run = new Run(rig, choices);
            run.all();
            rest.settle();
            failures += run.failures;
            clean += run.clean;
            lost += run.buffers.stream().mapToInt(Expected::lostPages).sum();
        }
        assertThat(failures).as("operations that failed").isGreaterThan(SEEDS);
        assertThat(clean).as("pages seen in both places").isGreaterThan(SEEDS);
        assertThat(lost).as("pages that were lost").isPositive();
    }
}
