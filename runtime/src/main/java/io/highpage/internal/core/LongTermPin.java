// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.PinEvent;
import io.highpage.internal.telemetry.Told;
import io.highpage.internal.telemetry.UnpinEvent;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;

/** A long-term pin. */
public final class LongTermPin extends RangeHolder implements Pin {
    static final String KIND = "pin";

    /** The JDK makes no larger buffer of a segment, as it makes no larger array. */
    private static final int LARGEST_BUFFER = Integer.MAX_VALUE - 8;

    /**
     * The open registrations, null before the first. Changed under the pin's monitor only. A
     * confined pin is closed without it: only its own thread registers and closes. A dead thread's
     * pin can be closed by others, but registered by nobody.
     */
    private volatile @Nullable List<KeptPin> registrations;

    private LongTermPin(
            ManagedRange range,
            Terms terms,
            @Nullable Arena arena,
            @Nullable MemorySegment home,
            HolderSlot slot) {
        super(range, terms, arena, home, slot);
    }

    /** Wraps counts and a slot that have been taken. */
    static LongTermPin of(ManagedRange range, Terms terms, HolderSlot slot) {
        Arena arena = arena(terms);
        return new LongTermPin(range, terms, arena, home(range, arena, terms), slot);
    }

    /** {@return the pin, which is whole, after telling of it} */
    static LongTermPin told(@Nullable PinEvent event, LongTermPin pin) {
        if (event != null) {
            pin.tell(event);
        }
        return pin;
    }

    private void tell(PinEvent event) {
        time();
        fill(event);
        event.strength = terms.strength().name();
        event.tell();
    }

    @Override
    @Nullable
    Told ending() {
        UnpinEvent event = UnpinEvent.made();
        if (event != null) {
            fill(event);
            event.heldTime = heldNanos();
        }
        return event;
    }

    @Override
    public MemorySegment segment() {
        checkOpen();
        return madeSegment();
    }

    @Override
    public long address() {
        checkOpen();
        return range.address();
    }

    @Override
    public ByteBuffer asByteBuffer() {
        MemorySegment segment = segment();
        if (segment.byteSize() > LARGEST_BUFFER) {
            throw new IllegalArgumentException("a ByteBuffer holds at most " + LARGEST_BUFFER
                    + " bytes, but the pin has byteSize=" + segment.byteSize()
                    + "; take slices of its segment, or pin smaller ranges");
        }
        return segment.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    // ---- registrations ----

    List<KeptPin> registrations() {
        List<KeptPin> open = registrations;
        return open == null ? List.of() : open;
    }

    @Override
    public Registration register(Keeper keeper) {
        StackRoom.check();
        // Before the lock: it asks the keeper.
        PinRegistration added = new PinRegistration(this, new KeptPin(keeper));
        add(added);
        return added;
    }

    private synchronized void add(PinRegistration added) {
        if (!terms.isShared() && Thread.currentThread() != thread) {
            throw wrongThread("register");
        }
        if (!isOpen() || hasEnded()) { // a close that is under way has won
            throw new IllegalStateException(this + " is closed");
        }
        tellMore();
        List<KeptPin> before = registrations();
        registrations = before.isEmpty()
                ? List.of(added.kept())
                : Stream.concat(before.stream(), Stream.of(added.kept())).toList();
        Watch.opened(added);
    }

    synchronized void unregister(PinRegistration closed) {
        List<KeptPin> before = registrations();
        registrations = before.size() == 1 && before.getFirst() == closed.kept()
                ? List.of() // of most: it takes no memory
                : before.stream().filter(each -> each != closed.kept()).toList();
        Watch.closed(closed);
    }

    @Override
    void checkUnregistered() {
        if (!registrations().isEmpty()) {
            throw new IllegalStateException("cannot close " + info()
                    + ": its memory is registered, unregister it there first");
        }
    }

    @Override
    List<String> keepers() {
        return registrations().stream().map(KeptPin::name).toList();
    }

    @Override
    void closeArena() {
        if (!terms.isShared()) {
            super.closeArena();
            return;
        }
        synchronized (this) { // nobody registers between the check and the end
            checkUnregistered();
            super.closeArena();
        }
    }

    // ---- strength ----

    @Override
    public Strength strength() {
        return registrations().stream()
                .map(KeptPin::strength)
                .reduce(
                        super.strength(),
                        (strongest, other) -> strongest.compareTo(other) < 0 ? other : strongest);
    }

    @Override
    public Verification verify() {
        checkOpen();
        Verification found = pins().verify(terms, range);
        for (KeptPin each : registrations()) {
            found = found.and(each.verify(segment()));
        }
        return found;
    }

    private Pins pins() {
        return range.buffer().pins();
    }

    @Override
    String kind() {
        return KIND;
    }

    @Override
    boolean isOutside() {
        return terms.strength() == Strength.PAGE_LOCKED;
    }

    @Override
    void releaseOutside() {
        if (isOutside()) {
            pins().unlock(range);
        }
    }

    @Override
    void releasePages() {
        // Few calls deep: a compiler inlines so many, and the last ones are in the compare-and-set.
        if (isWhole()) {
            pins().releaseWhole();
        } else {
            range.release(Verb.PIN);
        }
        range.buffer().unpinned(range);
    }
}
