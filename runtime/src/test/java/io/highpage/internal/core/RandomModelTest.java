// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.AccessMode;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.MoveReport;
import io.highpage.PageBuffer;
import io.highpage.PageOutcome;
import io.highpage.PagesBusyException;
import io.highpage.Pin;
import io.highpage.Terms;
import io.highpage.device.DeviceKind;
import io.highpage.device.HostDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random operations by one thread, compared after each with a model that is a byte array and a letter a page. Fixed seeds;
 * a failure names its own and the operations that led to it.
 */
class RandomModelTest {
    private static final int SEQUENCES = 4000;
    private static final int OPERATIONS = 40;
    private static final int PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** The rules of residency, told without the words: what a page is and who keeps it. */
    private static final class Model {
        final boolean coherent;
        final byte[] bytes;
        final char[] place;
        final int[] pins;
        final int[] holds;
        final int[] accesses;

        Model(boolean coherent, int pages) {
            this.coherent = coherent;
            bytes = new byte[pages * PAGE];
            place = new char[pages];
            Arrays.fill(place, '.');
            pins = new int[pages];
            holds = new int[pages];
            accesses = new int[pages];
        }

        boolean kept(int page) {
            return pins[page] + holds[page] + accesses[page] > 0;
        }

        /** {@return the first page of a range that cannot come home, or -1} */
        int busyAtHome(int first, int end) {
            for (int page = first; page < end; page++) {
                if (place[page] == 'D' && kept(page)) {
                    return page;
                }
            }
            return -1;
        }

        int busyOnDevice(int first, int end) {
            for (int page = first; page < end; page++) {
                if (place[page] == 'H' && kept(page)) {
                    return page;
                }
            }
            return -1;
        }

        /** A hold of a range. {@return the page in the way, or -1} */
        int hold(int first, int end) {
            int busy = coherent ? -1 : busyAtHome(first, end);
            for (int page = first; page < (busy < 0 ? end : busy); page++) {
                if (place[page] == '.' || !coherent) {
                    place[page] = 'H';
                }
            }
            return busy;
        }

        int pin(int first, int end) {
            int busy = busyAtHome(first, end);
            Arrays.fill(place, first, busy < 0 ? end : busy, 'H');
            return busy;
        }

        int access(int first, int end) {
            int busy = busyOnDevice(first, end);
            Arrays.fill(place, first, busy < 0 ? end : busy, 'D');
            return busy;
        }

        String picture() {
            return new String(place);
        }
    }

    /** One sequence of operations on one buffer. */
    private static final class Run {
        final Random random;
        final PageRuntime runtime;
        final PageBuffer buffer;
        final Model model;
        final List<Holder> open = new ArrayList<>();
        final List<String> log = new ArrayList<>();
        int offset;
        int byteSize;

        Run(PageRuntime runtime, DeviceKind kind, long seed) {
            this.runtime = runtime;
            random = new Random(seed);
            int pages = 1 + random.nextInt(12);
            buffer = runtime.allocate((long) pages * PAGE);
            model = new Model(kind == DeviceKind.COHERENT, pages);
            log.add("seed " + seed + " on " + kind + ", " + pages + " pages");
        }

        int first() {
            return offset / PAGE;
        }

        int end() {
            return (offset + byteSize - 1) / PAGE + 1;
        }

        void all() {
            for (int i = 0; i < OPERATIONS; i++) {
                step();
            }
            open.forEach(Holder::close);
            checkPages();
            buffer.close();
        }

        void step() {
            chooseRange();
            int operation = random.nextInt(12);
            String name = switch (operation) {
                case 0 -> "write";
                case 1 -> "read";
                case 2 -> "fill";
                case 3 -> "copy";
                case 4, 5 -> "prefetch";
                case 6 -> "evict";
                case 7 -> "hold";
                case 8 -> "pin";
                case 9 -> "access";
                default -> "close a holder";
            };
            log.add(name + "(" + offset + ", " + byteSize + ") at " + model.picture());
            switch (operation) {
                case 0 -> write();
                case 1 -> read();
                case 2 -> fill();
                case 3 -> copy();
                case 4, 5 -> prefetch();
                case 6 -> evict();
                case 7 -> hold();
                case 8 -> pin();
                case 9 -> access();
                default -> closeOne();
            }
            assertThat(buffer.residency().toString()).as("%s", log).isEqualTo(model.picture());
        }

        void chooseRange() {
            if (random.nextInt(6) == 0) {
                offset = 0;
                byteSize = model.bytes.length;
                return;
            }
            offset = random.nextInt(model.bytes.length);
            int most = model.bytes.length - offset;
            byteSize = 1 + random.nextInt(random.nextBoolean() ? most : Math.min(most, 2 * PAGE));
        }

        /** Runs what the model says will fail at {@code busy}, or succeed if that is -1. {@return whether it succeeded} */
        boolean attempt(int busy, Runnable operation) {
            try {
                operation.run();
                assertThat(busy).as("should have been refused: %s", log).isEqualTo(-1);
                return true;
            } catch (PagesBusyException refused) {
                assertThat(refused.page())
                        .as("%s: %s", refused.getMessage(), log)
                        .isEqualTo(busy);
                return false;
            }
        }

        /** A failed operation may have moved pages before the busy one or after it; the model takes what it sees. */
        void adopt() {
            String seen = buffer.residency().toString();
            for (int page = 0; page < model.place.length; page++) {
                boolean inRange = page >= first() && page < end();
                if (inRange && !model.kept(page)) {
                    model.place[page] = seen.charAt(page);
                }
            }
        }

        void write() {
            byte[] data = new byte[byteSize];
            random.nextBytes(data);
            if (attempt(model.hold(first(), end()), () -> buffer.write(offset, MemorySegment.ofArray(data)))) {
                System.arraycopy(data, 0, model.bytes, offset, byteSize);
            } else {
                adopt();
            }
        }

        void read() {
            byte[] data = new byte[byteSize];
            if (attempt(model.hold(first(), end()), () -> buffer.read(offset, MemorySegment.ofArray(data)))) {
                assertThat(Arrays.equals(data, 0, byteSize, model.bytes, offset, offset + byteSize))
                        .as("bytes: %s", log)
                        .isTrue();
            } else {
                adopt();
            }
        }

        void fill() {
            byte value = (byte) random.nextInt();
            if (attempt(model.hold(first(), end()), () -> buffer.fill(offset, byteSize, value))) {
                Arrays.fill(model.bytes, offset, offset + byteSize, value);
            } else {
                adopt();
            }
        }

        void copy() {
            int target = random.nextInt(model.bytes.length - byteSize + 1);
            int targetEnd = (target + byteSize - 1) / PAGE + 1;
            int busy = model.hold(first(), end());
            busy = busy >= 0 ? busy : model.hold(target / PAGE, targetEnd);
            if (attempt(busy, () -> buffer.copyTo(offset, buffer, target, byteSize))) {
                System.arraycopy(model.bytes, offset, model.bytes, target, byteSize);
            } else {
                String seen = buffer.residency().toString();
                for (int page = 0; page < model.place.length; page++) {
                    model.place[page] = model.kept(page) ? model.place[page] : seen.charAt(page);
                }
            }
        }

        void prefetch() {
            MoveReport report = buffer.prefetch(runtime.device(), offset, byteSize);
            for (int page = first(); page < end(); page++) {
                PageOutcome expected = model.place[page] == 'D'
                        ? PageOutcome.IN_PLACE
                        : model.pins[page] > 0
                                ? PageOutcome.PINNED
                                : model.holds[page] > 0 ? PageOutcome.HELD : PageOutcome.MOVED;
                if (expected == PageOutcome.PINNED && model.holds[page] > 0) {
                    expected = report.outcomes().of(page); // either reason is true
                    assertThat(expected).isIn(PageOutcome.PINNED, PageOutcome.HELD);
                }
                assertThat(report.outcomes().of(page))
                        .as("page %d: %s", page, log)
                        .isEqualTo(expected);
                model.place[page] = expected == PageOutcome.MOVED ? 'D' : model.place[page];
            }
        }

        void evict() {
            MoveReport report = buffer.evict(offset, byteSize);
            for (int page = first(); page < end(); page++) {
                PageOutcome expected = model.place[page] != 'D'
                        ? PageOutcome.IN_PLACE
                        : model.holds[page] > 0
                                ? PageOutcome.HELD
                                : model.accesses[page] > 0 ? PageOutcome.ACCESSED : PageOutcome.MOVED;
                assertThat(report.outcomes().of(page))
                        .as("page %d: %s", page, log)
                        .isEqualTo(expected);
                model.place[page] = expected == PageOutcome.MOVED ? 'H' : model.place[page];
            }
        }

        Terms terms() {
            return random.nextInt(8) == 0 ? Terms.defaults().shared() : Terms.defaults();
        }

        void hold() {
            if (attempt(model.hold(first(), end()), () -> open.add(buffer.hold(terms(), offset, byteSize)))) {
                count(model.holds, 1);
                checkHold((Hold) open.getLast());
            } else {
                adopt();
            }
        }

        void checkHold(Hold hold) {
            for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                MemorySegment expected =
                        MemorySegment.ofArray(model.bytes).asSlice(offset + pieces.offset(), pieces.byteSize());
                assertThat(pieces.slice().mismatch(expected)).as("%s", log).isEqualTo(-1);
                byte value = (byte) random.nextInt();
                pieces.slice().asSlice(0, 1).fill(value);
                model.bytes[(int) (offset + pieces.offset())] = value;
            }
        }

        void pin() {
            Terms terms = random.nextInt(3) == 0 ? terms().bare() : terms();
            if (attempt(model.pin(first(), end()), () -> open.add(buffer.pin(terms, offset, byteSize)))) {
                count(model.pins, 1);
                Pin pin = (Pin) open.getLast();
                assertThat(pin.verify()).as("%s", log).isTrue();
                MemorySegment expected = MemorySegment.ofArray(model.bytes).asSlice(offset, byteSize);
                assertThat(pin.segment().mismatch(expected)).as("%s", log).isEqualTo(-1);
            } else {
                adopt();
            }
        }

        void access() {
            if (attempt(
                    model.access(first(), end()),
                    () -> open.add(
                            buffer.access(terms(), runtime.device(), AccessMode.READ_WRITE, offset, byteSize)))) {
                count(model.accesses, 1);
                kernel((DeviceAccess) open.getLast());
            } else {
                adopt();
            }
        }

        /** A kernel that adds one to every byte. */
        void kernel(DeviceAccess access) {
            ((HostDevice) runtime.device().memory()).launch(access, segment -> {
                for (long at = 0; at < segment.byteSize(); at++) {
                    var layout = ValueLayout.JAVA_BYTE;
                    segment.set(layout, at, (byte) (segment.get(layout, at) + 1));
                }
            });
            for (int at = offset; at < offset + byteSize; at++) {
                model.bytes[at]++;
            }
        }

        void closeOne() {
            if (open.isEmpty()) {
                return;
            }
            Holder holder = open.remove(random.nextInt(open.size()));
            offset = (int) holder.offset();
            byteSize = (int) holder.byteSize();
            holder.close();
            count(holder instanceof Pin ? model.pins : holder instanceof Hold ? model.holds : model.accesses, -1);
        }

        void count(int[] counts, int delta) {
            for (int page = first(); page < end(); page++) {
                counts[page] += delta;
            }
        }

        void checkPages() {
            Invariants.checkAtRest(runtime);
            byte[] read = new byte[model.bytes.length];
            buffer.read(0, MemorySegment.ofArray(read));
            assertThat(Arrays.mismatch(read, model.bytes))
                    .as("first wrong byte: %s", log)
                    .isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void operations_atRandom_matchTheModel(DeviceKind kind) {
        PageRuntime runtime = rest.openPlain(Scene.device(kind));
        for (long seed = 0; seed < SEQUENCES; seed++) {
            new Run(runtime, kind, seed).all();
        }
    }
}
