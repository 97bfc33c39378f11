// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.DeviceAccess;
import io.highpage.Pin;
import io.highpage.internal.async.Attempt;
import io.highpage.internal.async.OwnedFuture;
import io.highpage.internal.log.ThreadWords;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Move;
import io.highpage.internal.migrate.Patience;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.AccessEvent;
import io.highpage.internal.telemetry.MoveEvent;
import io.highpage.internal.telemetry.PinEvent;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

/**
 * An asynchronous operation on a range: what its synchronous form does, by the same claim or move,
 * but that it is suspended where that would wait, and then goes on where it was. What it has
 * claimed by then stays so meanwhile.
 */
abstract sealed class Later<T> implements Attempt<T> {
    final ManagedRange range;
    final Patience patience;

    private final String caller = Thread.currentThread().getName();
    private final long callerId = Thread.currentThread().threadId();

    /** Where it was asked for, if somebody watches. */
    private final @Nullable Throwable asked = Watch.isOn()
            ? new Throwable("asked for by thread " + ThreadWords.of(caller, callerId))
            : null;

    Later(ManagedRange range, Patience patience) {
        this.range = range;
        this.patience = patience;
    }

    @Override
    public final @Nullable T go() {
        ManagedBuffer buffer = range.buffer();
        patience.resume();
        try {
            buffer.checkUsable();
            return attempt();
        } catch (IllegalStateException race) {
            abandon();
            throw buffer.translated(race);
        } catch (RuntimeException | Error failure) {
            abandon();
            throw failure;
        }
    }

    abstract @Nullable T attempt();

    /** Reports, and whoever watches, tell of the caller, not of the thread that has opened it. */
    final void ofCaller(RangeHolder holder) {
        holder.askedBy(caller, callerId);
        if (asked != null) {
            Watch.opened(holder, asked);
        }
    }

    @Override
    public final long leftNanos() {
        return patience.leftNanos();
    }

    @Override
    public final ManagedBuffer subject() {
        return range.buffer();
    }

    /** A prefetch or an eviction. It counts nothing, so there is nothing to give back. */
    static final class Moves extends Later<MoveReport> {
        private final @Nullable MoveEvent event = MoveEvent.begun();
        private final @Nullable DeviceSlot target; // null: home
        private @Nullable Move move;

        Moves(ManagedRange range, @Nullable DeviceSlot target, OwnedFuture<?> future) {
            super(range, Move.suspending(range.pages(), future::isEnded));
            this.target = target;
        }

        @Override
        @Nullable
        MoveReport attempt() {
            Move going = move;
            if (going == null) {
                going = begun();
                move = going;
            }
            MoveReport report = going.goOn();
            return report == null ? null : range.told(event, target, report);
        }

        private Move begun() {
            long from = range.firstPage();
            long to = range.endPage();
            if (target == null) {
                return Move.suspendingHome(range.pages(), from, to, patience);
            }
            range.pages().announce(target.id(), from, to);
            return Move.suspendingIn(range.pages(), target.id(), from, to, patience);
        }

        @Override
        public void abandon() {
            // Its batches have been put back or published.
        }

        @Override
        public boolean isOwned() {
            return false;
        }
    }

    /** Something that makes a holder, which any thread may use and close. */
    abstract static sealed class Taking<H> extends Later<H> {
        final Terms terms;
        private @Nullable Claim claim; // null before it begins, and once it is done

        Taking(ManagedRange range, Terms terms, OwnedFuture<?> future) {
            super(range, Patience.suspending(terms, range.pages().counters(), future::isEnded));
            this.terms = terms.shared();
        }

        @Override
        public final void begins() {
            patience.begin();
        }

        @Override
        final @Nullable H attempt() {
            Claim claims = claim;
            if (claims == null) {
                H holder = tryWithoutClaim();
                if (holder != null || patience.isSuspended()) {
                    return holder;
                }
                claims = claim();
                claim = claims;
            }
            if (!claims.goOn()) {
                return null;
            }
            claim = null; // its counts are the holder's
            return opened();
        }

        /** {@return the holder, if it needs no claim, or null} */
        @Nullable
        H tryWithoutClaim() {
            return null;
        }

        abstract Claim claim();

        /** {@return the holder of what has been claimed; null if that had to wait, and is not} */
        abstract @Nullable H opened();

        @Override
        public final void abandon() {
            Claim left = claim;
            claim = null;
            try {
                if (left != null) {
                    left.abandon();
                }
            } finally {
                abandoned();
            }
        }

        /** What else it has is given back, if it has not become a holder. */
        void abandoned() {
            // nothing
        }

        @Override
        public final boolean isOwned() {
            return true;
        }
    }

    /** A long-term pin. */
    static final class Pinning extends Taking<Pin> {
        private final @Nullable PinEvent event = PinEvent.begun();

        Pinning(ManagedRange range, Terms terms, OwnedFuture<?> future) {
            super(range, terms, future);
        }

        private Pins pins() {
            return range.buffer().pins();
        }

        @Override
        @Nullable
        Pin tryWithoutClaim() {
            pins().checkLocks(terms, range);
            return pins().tryWhole(range) ? opened(true) : null;
        }

        @Override
        Claim claim() {
            return Claim.suspending(
                    range.pages(),
                    Verb.pin(terms.mode()),
                    PageWord.HOME,
                    range.firstPage(),
                    range.endPage(),
                    patience);
        }

        @Override
        @Nullable
        Pin opened() {
            return opened(false);
        }

        /** Others may be page-locking pages of the buffer: then it begins again. */
        private @Nullable Pin opened(boolean whole) {
            try {
                LongTermPin pin = pins().openOrRelease(terms, range, whole, patience);
                ofCaller(pin);
                return LongTermPin.told(event, pin);
            } catch (PagesBusyException busy) {
                if (patience.isSuspended()) {
                    return null;
                }
                throw busy;
            }
        }

        @Override
        public void giveBack(Pin unseen) {
            unseen.close();
        }
    }

    /** A device access. */
    static final class Accessing extends Taking<DeviceAccess> {
        private final @Nullable AccessEvent event = AccessEvent.begun();
        private final AccessOpening opening;
        private boolean entered; // what is the access's once it is open

        Accessing(ManagedRange range, Terms terms, DeviceSlot device, OwnedFuture<?> future) {
            super(range, terms, future);
            this.opening = new AccessOpening(range, this.terms, device);
        }

        @Override
        @Nullable
        DeviceAccess tryWithoutClaim() {
            entered = entered || opening.tryEnter(patience);
            return null;
        }

        @Override
        Claim claim() {
            return opening.suspendingClaim(patience);
        }

        @Override
        DeviceAccess opened() {
            entered = false;
            OpenAccess access = opening.finish();
            ofCaller(access);
            return OpenAccess.told(event, access);
        }

        @Override
        void abandoned() {
            if (entered) {
                entered = false;
                opening.leave();
            }
        }

        @Override
        public void giveBack(DeviceAccess unseen) {
            ((OpenAccess) unseen).closeUnseen();
        }
    }
}
