// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * One sequence of operations by one thread on up to three buffers and two devices, compared after
 * each with a model of each buffer that is a byte array and a letter a page. Now and then it does
 * what a program must not do, which must fail as documented and change nothing.
 */
final class ModelRun {
    private static final int PAGE = Scene.PAGE;

    final Choices choices;
    final PageRuntime runtime;
    private final List<PageBuffer> buffers = new ArrayList<>();
    private final List<Model> models = new ArrayList<>(); // of each buffer
    private final List<Device> devices;
    final List<Holder> open = new ArrayList<>();
    final List<String> log = new ArrayList<>();
    private final Misuse misuse;
    final Groups groups;
    private final Scarcity scarcity; // null where devices have room for all
    final ScarceHome scarceHome; // null where home has
    Holder closed; // the last, or null
    MemorySegment closedSegment; // of it if it was a pin, or null

    // What a step works on.
    PageBuffer buffer;
    Model model;
    Device device;
    int offset;
    int byteSize;

    /** Where there is room for a part of the pages only. */
    enum Little {
        NOWHERE,
        /** The runtime must be {@link #openScarce}. */
        ON_DEVICES,
        AT_HOME
    }

    ModelRun(PageRuntime runtime, Outside outside, Choices choices, Little little) {
        this.runtime = runtime;
        this.choices = choices;
        devices =
                runtime.devices().subList(0, 1 + choices.below(runtime.devices().size()));
        log.add(choices + " on " + devices);
        groups = new Groups(this);
        boolean scarce = little == Little.ON_DEVICES;
        int count = 1 + choices.below(3);
        // Spans of one size never find room that is in pieces: then any refusal can be told.
        int alike = scarce && choices.below(4) > 0 ? 1 << choices.below(3) : 0;
        for (int i = 0; i < count; i++) {
            int spans = alike == 0 ? 0 : 1 + choices.below(12 / count / alike);
            int pages = alike == 0 ? 1 + choices.below(12 / count) : spans * alike;
            // Of 8 pages and more: often the whole buffer.
            int spanPages = alike == 0 ? 1 << choices.below(4) : alike;
            models.add(new Model(pages, spanPages));
            buffers.add(
                    groups.allocate(models.getLast(), PageSizes.of(PAGE, (long) spanPages * PAGE)));
            log.add(buffers.getLast().toString());
        }
        scarcity = scarce ? new Scarcity(this, models, devices, alike > 0) : null;
        scarceHome = little == Little.AT_HOME ? new ScarceHome(this, models) : null;
        misuse = new Misuse(this, outside);
    }

    /**
     * Opens a runtime on a device of a kind and, as its second, one of the other kind. Nothing is
     * done in its background but what a run does there by hand.
     */
    static PageRuntime open(AtRest rest, DeviceKind first) {
        DeviceKind second = first == DeviceKind.COHERENT ? DeviceKind.PRIVATE : DeviceKind.COHERENT;
        PageRuntime runtime = rest.openPlain(Scene.device(first), Scene.device(second));
        runtime.background().end(() -> false);
        return runtime;
    }

    /** The same, with devices that have room for little. */
    static PageRuntime openScarce(AtRest rest, DeviceKind first) {
        PageRuntime runtime = open(rest, first);
        for (Device each : runtime.devices()) {
            runtime.budget().deviceMemory(each, Scarcity.MOST_PAGES * PAGE);
        }
        return runtime;
    }

    private void use(PageBuffer chosen) {
        buffer = chosen;
        model = modelOf(chosen);
    }

    private Model modelOf(PageBuffer which) {
        return models.get(buffers.indexOf(which));
    }

    PageBuffer anyBuffer() {
        return buffers.get(choices.below(buffers.size()));
    }

    int first() {
        return offset / PAGE;
    }

    int end() {
        return (offset + byteSize - 1) / PAGE + 1;
    }

    void all() {
        try {
            while (choices.more()) {
                step();
            }
            end(open);
        } catch (RuntimeException | Error failure) {
            throw new AssertionError(log.toString(), failure);
        }
    }

    private void end(List<Holder> left) {
        left.forEach(Holder::close);
        groups.freeHome();
        checkPages();
        buffers.forEach(PageBuffer::close);
        groups.close();
    }

    /** What others than the thread of the program do between its operations, and advice. */
    private void beside() {
        Device chosen = device;
        switch (choices.below(32)) {
            case 0, 1 -> {
                if (scarcity != null) {
                    groups.limitAny(device);
                } else if (scarceHome != null) {
                    scarceHome.limit();
                }
            }
            case 2 -> {
                if (scarcity != null) {
                    log.add("go back(" + offset + ", " + byteSize + ") of " + buffer.id() + " to "
                            + device + " at " + model.picture());
                    scarcity.goBack();
                }
            }
            case 3 -> {
                if (scarcity != null) {
                    log.add("write back");
                    scarcity.writeBack();
                }
            }
            case 4, 5 -> prefer();
            case 6, 7, 8 -> {
                for (int looks = 1 + choices.below(2); looks > 0; looks--) {
                    lookForWhatGoesBack();
                }
            }
            default -> {}
        }
        device = chosen;
    }

    private void prefer() {
        boolean home = choices.below(4) == 0;
        log.add(buffer.id() + " prefers " + (home ? "home" : device));
        if (home) {
            buffer.preferHome();
            model.preferHome();
        } else {
            buffer.prefer(device);
            model.prefer(letter(device));
        }
        assertThat(buffer.preferred()).isEqualTo(home ? Optional.empty() : Optional.of(device));
    }

    /** One look of the thread in the background at the pages that go back of their own accord. */
    private void lookForWhatGoesBack() {
        if (model.preferred == 0) {
            return;
        }
        device = buffer.preferred().orElseThrow();
        log.add("look for what goes back of " + buffer.id() + " to " + device + " at "
                + model.picture());
        assertThat(((ManagedBuffer) buffer).goingBack().look(() -> true)).isTrue();
        model.grow();
        if (goBack(model.quiet)) { // and rests for a second of the clock, which no model knows
            buffer.preferHome();
            model.preferHome();
        }
    }

    /**
     * Some pages have gone back to the device, in the model too: those at home that nobody keeps,
     * as long as there is room, which is not made. {@return whether there was too little}
     */
    boolean goBack(BitSet which) {
        for (int page = which.nextSetBit(0); page >= 0; page = which.nextSetBit(page + 1)) {
            if (model.place[page] != 'H') {
                which.clear(page);
            } else if (model.kept(page)) {
                which.set(page, model.pins[page] == 0); // one that is pinned is noted again
            } else if (scarcity != null && !scarcity.fits(page)) {
                return true;
            } else {
                model.place[page] = Model.both(letter(device));
                which.clear(page);
            }
        }
        return false;
    }

    void step() {
        chooseRange();
        beside();
        if (scarceHome != null) {
            scarceHome.look();
        }
        int operation = choices.below(16);
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
            case 10 -> "misuse";
            case 11 -> "pin possible";
            case 12 -> "read into a holder";
            case 13 -> "write from a holder";
            default -> "close a holder";
        };
        log.add(name + "(" + offset + ", " + byteSize + ") of " + buffer.id() + " at "
                + model.picture());
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
            case 10 -> misuse.any();
            case 11 -> pinPossible();
            case 12, 13 -> copyAtHolder(operation == 12);
            default -> closeOne();
        }
        if (scarceHome != null) {
            scarceHome.adopt();
        }
        for (PageBuffer each : buffers) {
            use(each);
            assertThat(buffer.residency().toString())
                    .as("%s: %s", buffer, log)
                    .isEqualTo(model.residency());
            checkWords();
        }
        groups.check();
    }

    /**
     * The structural check: every count in the words is one of the model, and the away count is the
     * pages not at home.
     */
    private void checkWords() {
        PageTable table = ((ManagedBuffer) buffer).pages().table();
        long whole = BufferWord.wholePins(table.bufferWord());
        int away = 0;
        for (int page = 0; page < model.place.length; page++) {
            long word = table.word(page);
            away += PageWord.state(word) == PageWord.HOST ? 0 : 1;
            if (letter(word) != model.place[page]
                    || PageWord.pins(word) + whole != model.pins[page]
                    || PageWord.holds(word) != model.holds[page]
                    || PageWord.count(word, PageWord.ACCESSES_SHIFT) != model.accesses[page]
                    || PageWord.is(word, PageWord.CLOSED | PageWord.WANTED)) {
                throw new AssertionError(
                        "page " + page + " of " + buffer + " is " + PageWord.describe(word)
                                + ", whole-buffer pins " + whole
                                + ", but is at " + model.picture() + " and has pins "
                                + model.pins[page] + ", holds "
                                + model.holds[page] + ", accesses "
                                + model.accesses[page]);
            }
        }
        assertThat(BufferWord.away(table.bufferWord())).as("pages away").isEqualTo(away);
    }

    /** {@return where a page is, as the model has it} */
    private char letter(long word) {
        return switch (PageWord.state(word)) {
            case PageWord.ABSENT -> '.';
            case PageWord.HOST -> 'H';
            default -> {
                char device = letter(runtime.devices().get(PageWord.device(word) - 1));
                yield PageWord.state(word) == PageWord.BOTH ? Model.both(device) : device;
            }
        };
    }

    /** {@return where a page is, as its word has it} */
    char placeNow(int of, int page) {
        return letter(((ManagedBuffer) buffers.get(of)).word(page));
    }

    /** {@return whether the home of a page has memory, as its word has it} */
    boolean hasHome(Model of, int page) {
        ManagedBuffer its = (ManagedBuffer) buffers.get(models.indexOf(of));
        return PageWord.is(its.word(page), PageWord.COMMITTED);
    }

    static char letter(Device device) {
        return Model.letter(device.memory().kind());
    }

    /** {@return an open holder that only this thread may close, or null} */
    Holder anyConfined() {
        return open.stream()
                .filter(holder -> !((RangeHolder) holder).terms.isShared())
                .findAny()
                .orElse(null);
    }

    void chooseRange() {
        use(anyBuffer());
        device = devices.get(choices.below(devices.size()));
        if (choices.below(6) == 0) {
            offset = 0;
            byteSize = model.bytes.length;
            return;
        }
        offset = choices.below(model.bytes.length);
        int most = model.bytes.length - offset;
        byteSize = 1 + choices.below(choices.below(2) == 0 ? most : Math.min(most, 2 * PAGE));
    }

    /**
     * Runs what the model says will fail at {@code busy}, or succeed if that is -1, unless home has
     * too little room for it.
     *
     * @param others pages beside those of the step that it may bring home
     * @return whether it succeeded
     */
    boolean attempt(int busy, Runnable operation, ScarceHome.Part... others) {
        List<ScarceHome.Part> parts = new ArrayList<>(List.of(others));
        parts.add(part());
        if (scarceHome != null) {
            scarceHome.want(parts);
        }
        try {
            operation.run();
            assertThat(busy).as("should have been refused: %s", log).isEqualTo(-1);
            return true;
        } catch (PagesBusyException refused) {
            assertThat(refused.page()).as("%s: %s", refused.getMessage(), log).isEqualTo(busy);
            return false;
        } catch (OutOfPageMemoryException refused) {
            if (scarceHome == null) {
                throw refused;
            }
            scarceHome.refused(refused, parts);
            return false;
        }
    }

    private ScarceHome.Part part() {
        return new ScarceHome.Part(model, first(), end());
    }

    /** {@return whether home has too little room for a page of the step, as an outcome says} */
    private boolean isRefusedAtHome(PageOutcome told) {
        if (scarceHome == null
                || told != PageOutcome.NO_HOST_MEMORY && told != PageOutcome.NOT_TRIED) {
            return false;
        }
        scarceHome.checkRefused(null, List.of(part()));
        return true;
    }

    /**
     * A failed operation may have moved pages before the busy one or after it; the model takes what
     * it sees.
     */
    void adopt() {
        adopt(buffer, first(), end());
    }

    private void adopt(PageBuffer from, int first, int end) {
        Model to = modelOf(from);
        for (int page = first; page < end; page++) {
            if (!to.kept(page) || to.isBoth(page)) {
                to.place[page] = letter(((ManagedBuffer) from).word(page));
            }
        }
    }

    void write() {
        byte[] data = new byte[byteSize];
        choices.fill(data);
        if (attempt(
                model.hold(first(), end(), false),
                () -> buffer.write(offset, MemorySegment.ofArray(data)))) {
            System.arraycopy(data, 0, model.bytes, offset, byteSize);
        } else {
            adopt();
        }
    }

    void read() {
        byte[] data = new byte[byteSize];
        if (attempt(
                model.hold(first(), end(), true),
                () -> buffer.read(offset, MemorySegment.ofArray(data)))) {
            assertThat(Arrays.equals(data, 0, byteSize, model.bytes, offset, offset + byteSize))
                    .as("bytes: %s", log)
                    .isTrue();
        } else {
            adopt();
        }
    }

    void fill() {
        byte value = choices.below(2) == 0 ? 0 : (byte) choices.below(256);
        byteSize = value == 0 ? Math.min(byteSize, bytesInSpan(buffer, offset)) : byteSize;
        boolean byDriver = value == 0 && model.driver(first(), end(), false);
        int busy = byDriver ? -1 : model.hold(first(), end(), false);
        if (attempt(busy, () -> buffer.range(offset, byteSize).fill(value))) {
            Arrays.fill(model.bytes, offset, offset + byteSize, value);
        } else {
            adopt();
        }
    }

    /** {@return how far it is to the end of the span} */
    private static int bytesInSpan(PageBuffer of, int at) {
        return (int) (of.spanBytes() - at % of.spanBytes());
    }

    void copy() {
        PageBuffer target = anyBuffer();
        Model targetModel = modelOf(target);
        byteSize = Math.min(byteSize, targetModel.bytes.length);
        int at = choices.below(targetModel.bytes.length - byteSize + 1);
        if (target != buffer) { // a driver copies span by span, which the model does not know
            byteSize = Math.min(byteSize, bytesInSpan(buffer, offset));
            byteSize = Math.min(byteSize, bytesInSpan(target, at));
        }
        int atEnd = (at + byteSize - 1) / PAGE + 1;
        log.add("  " + byteSize + " to " + at + " of " + target.id() + " at "
                + targetModel.picture());
        int busy = model.copy(first(), end(), targetModel, at / PAGE, atEnd);
        if (attempt(
                busy,
                () -> buffer.range(offset, byteSize).copyTo(target, at),
                new ScarceHome.Part(targetModel, at / PAGE, atEnd))) {
            System.arraycopy(model.bytes, offset, targetModel.bytes, at, byteSize);
        } else {
            adopt();
            adopt(target, at / PAGE, atEnd);
        }
    }

    /**
     * Reads into the memory of an open holder of any buffer, or writes from it; both sides may be
     * the same bytes.
     */
    void copyAtHolder(boolean read) {
        if (open.isEmpty()) {
            return;
        }
        Holder holder = open.get(choices.below(open.size()));
        long start = holder.offset();
        MemorySegment memory = switch (holder) {
            case Pin pin -> pin.segment();
            case DeviceAccess access -> access.segment();
            case Hold hold -> {
                Hold.Pieces pieces = hold.pieces();
                do {
                    pieces.next();
                } while (pieces.offset() + pieces.byteSize() < hold.byteSize()
                        && choices.below(2) == 0);
                start += pieces.offset();
                yield pieces.slice();
            }
            default -> throw new AssertionError(holder);
        };
        if (memory.byteSize() != 0 && memory.isReadOnly() && read) {
            return; // a reader's; misuse() tries one
        }
        if (memory.byteSize() == 0) {
            misuse.privateSegment(memory, read);
            return;
        }
        byteSize = (int) Math.min(byteSize, memory.byteSize());
        int from = choices.below((int) memory.byteSize() - byteSize + 1);
        MemorySegment part = memory.asSlice(from, byteSize);
        byte[] held = modelOf(holder.buffer()).bytes;
        int at = (int) start + from;
        log.add("  " + byteSize + " at " + at + " through " + holder);
        boolean done = attempt(model.hold(first(), end(), read), () -> {
            if (read) {
                buffer.read(offset, part);
            } else {
                buffer.write(offset, part);
            }
        });
        if (!done) {
            adopt();
        } else if (read) {
            System.arraycopy(model.bytes, offset, held, at, byteSize);
        } else {
            System.arraycopy(held, at, model.bytes, offset, byteSize);
        }
    }

    void prefetch() {
        if (scarcity != null && scarcity.isTightFor(first(), end())) {
            scarcity.prefetch();
            return;
        }
        MoveReport report = buffer.range(offset, byteSize).prefetch(device);
        for (int page = first(); page < end(); page++) {
            PageOutcome expected = model.prefetch(letter(device), page);
            checkTold(page, report.outcomes().of(page), expected);
        }
    }

    void checkTold(int page, PageOutcome told, PageOutcome expected) {
        boolean pinnedAndHeld = model.pins[page] > 0 && model.holds[page] > 0;
        if (expected == PageOutcome.PINNED && pinnedAndHeld) {
            assertThat(told).isIn(PageOutcome.PINNED, PageOutcome.HELD); // both are true
        } else {
            assertThat(told).as("page %d: %s", page, log).isEqualTo(expected);
        }
    }

    void evict() {
        if (scarceHome != null) {
            scarceHome.want(List.of(part()));
        }
        MoveReport report = buffer.range(offset, byteSize).evict();
        for (int page = first(); page < end(); page++) {
            PageOutcome told = report.outcomes().of(page);
            if (!isRefusedAtHome(told)) {
                assertThat(told).as("page %d: %s", page, log).isEqualTo(model.evict(page));
            }
        }
    }

    Terms terms() {
        return choices.below(8) == 0 ? Terms.defaults().shared() : Terms.defaults();
    }

    /** Terms of a holder that says what it does, or not. */
    private Terms anyTerms() {
        return switch (choices.below(4)) {
            case 0 -> terms().mode(AccessMode.READ);
            case 1 -> terms().mode(AccessMode.WRITE);
            default -> terms();
        };
    }

    private static boolean reads(Terms terms) {
        return terms.mode() == AccessMode.READ;
    }

    void hold() {
        Terms terms = anyTerms();
        if (attempt(
                model.hold(first(), end(), reads(terms)),
                () -> open.add(buffer.range(offset, byteSize).hold(terms)))) {
            count(model.holds, 1);
            checkHold((Hold) open.getLast());
        } else {
            adopt();
        }
    }

    void checkHold(Hold hold) {
        for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
            MemorySegment expected = MemorySegment.ofArray(model.bytes)
                    .asSlice(offset + pieces.offset(), pieces.byteSize());
            assertThat(pieces.slice().mismatch(expected)).as("%s", log).isEqualTo(-1);
            if (hold.mode() == AccessMode.READ) {
                continue;
            }
            byte value = (byte) choices.below(256);
            pieces.slice().asSlice(0, 1).fill(value);
            model.bytes[(int) (offset + pieces.offset())] = value;
        }
    }

    void pin() {
        Terms terms = choices.below(3) == 0 ? anyTerms().bare() : anyTerms();
        if (attempt(
                model.pin(first(), end(), reads(terms)),
                () -> open.add(buffer.range(offset, byteSize).pin(terms)))) {
            count(model.pins, 1);
            Pin pin = (Pin) open.getLast();
            assertThat(pin.verify()).as("%s", log).matches(Verification::isConfirmed);
            MemorySegment expected = MemorySegment.ofArray(model.bytes).asSlice(offset, byteSize);
            assertThat(pin.segment().mismatch(expected)).as("%s", log).isEqualTo(-1);
        } else {
            adopt();
        }
    }

    void pinPossible() {
        if (scarceHome != null) {
            scarceHome.want(List.of(part()));
        }
        Terms terms = anyTerms();
        PartialPin partial = buffer.range(offset, byteSize).pinPossible(terms);
        int pinned = 0;
        for (int page = first(); page < end(); page++) {
            if (isRefusedAtHome(partial.outcomes().of(page))) {
                continue;
            }
            PageOutcome keeper = model.keeperOnDevice(page);
            boolean busy = model.pin(page, page + 1, reads(terms)) >= 0;
            assertThat(partial.outcomes().of(page))
                    .as("page %d: %s", page, log)
                    .isEqualTo(busy ? keeper : PageOutcome.IN_PLACE);
            model.pins[page] += busy ? 0 : 1;
            pinned += busy ? 0 : 1;
        }
        for (Pin pin : partial.pins()) {
            open.add(pin);
            MemorySegment expected =
                    MemorySegment.ofArray(model.bytes).asSlice(pin.offset(), pin.byteSize());
            assertThat(pin.segment().mismatch(expected)).as("%s", log).isEqualTo(-1);
            pinned -= (int) ((pin.offset() + pin.byteSize() - 1) / PAGE - pin.offset() / PAGE + 1);
        }
        assertThat(pinned).as("pinned pages without a pin: %s", log).isZero();
    }

    void access() {
        if (byteSize > bytesInSpan(buffer, offset)) {
            assertThatThrownBy(() -> buffer.range(offset, byteSize).access(terms(), device))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is not in one span");
            return;
        }
        Terms terms = anyTerms();
        Runnable take = () -> open.add(buffer.range(offset, byteSize).access(terms, device));
        if (scarcity != null) {
            scarcity.look();
        }
        int busy = model.access(letter(device), first(), end(), reads(terms));
        boolean done = scarcity == null ? attempt(busy, take) : scarcity.access(busy, take);
        if (done) {
            count(model.accesses, 1);
            kernel((DeviceAccess) open.getLast());
        } else {
            adopt();
        }
    }

    /**
     * A kernel that adds one to every byte, or looks at them all, or overwrites them, as the access
     * says.
     */
    void kernel(DeviceAccess access) {
        if (access.mode() == AccessMode.READ) {
            MemorySegment expected = MemorySegment.ofArray(model.bytes).asSlice(offset, byteSize);
            ((HostDevice) device.memory())
                    .launch(
                            access,
                            segment -> assertThat(segment.mismatch(expected))
                                    .as("%s", log)
                                    .isEqualTo(-1));
            return;
        }
        if (access.mode() == AccessMode.WRITE) {
            byte value = (byte) choices.below(256);
            ((HostDevice) device.memory()).launch(access, segment -> segment.fill(value));
            Arrays.fill(model.bytes, offset, offset + byteSize, value);
            return;
        }
        ((HostDevice) device.memory()).launch(access, segment -> {
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
        Holder holder = open.remove(choices.below(open.size()));
        use(holder.buffer());
        offset = (int) holder.offset();
        byteSize = (int) holder.byteSize();
        closedSegment = holder instanceof Pin pin ? pin.segment() : null;
        holder.close();
        closed = holder;
        if (holder instanceof Pin) {
            model.unpinned(first(), end());
        }
        count(
                holder instanceof Pin
                        ? model.pins
                        : holder instanceof Hold ? model.holds : model.accesses,
                -1);
    }

    void count(int[] counts, int delta) {
        for (int page = first(); page < end(); page++) {
            counts[page] += delta;
        }
    }

    void checkPages() {
        Invariants.checkAtRest(runtime);
        for (PageBuffer each : buffers) {
            use(each);
            byte[] read = new byte[model.bytes.length];
            buffer.read(0, MemorySegment.ofArray(read));
            assertThat(Arrays.mismatch(read, model.bytes))
                    .as("first wrong byte of %s: %s", buffer, log)
                    .isEqualTo(-1);
        }
    }
}
