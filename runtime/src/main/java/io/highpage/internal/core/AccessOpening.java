// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.DeviceView;
import io.highpage.internal.close.Closes;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Overwriter;
import io.highpage.internal.migrate.Patience;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.AccessEvent;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

/** Takes one device access: claims its pages, then opens it, or both at once. */
final class AccessOpening implements Overwriter {
    private final ManagedRange range;
    private final ManagedBuffer buffer;
    private final Terms terms;
    private final DeviceSlot device;
    private @Nullable OpenAccess opened; // while pages were claimed, if it overwrites

    AccessOpening(ManagedRange range, Terms terms, DeviceSlot device) {
        this.range = range;
        this.buffer = range.buffer();
        this.terms = terms;
        this.device = device;
    }

    /** {@return the access; if that fails, nothing is claimed} */
    OpenAccess take() {
        AccessEvent event = AccessEvent.begun();
        Terms left = buffer.enter(verb(), device.id(), range, terms);
        try {
            if (terms.mode() == AccessMode.WRITE) {
                buffer.claimToOverwrite(device.id(), range, left, this);
            } else {
                buffer.claim(verb(), device.id(), range, left);
            }
        } catch (RuntimeException | Error failure) {
            leave();
            throw failure;
        }
        return OpenAccess.told(event, finish());
    }

    private Verb verb() {
        return Verb.access(terms.mode());
    }

    /** {@return whether pages can be claimed; if not, the operation is suspended} */
    boolean tryEnter(Patience patience) {
        return buffer.tryEnter(verb(), device.id(), range, patience);
    }

    /** Leaves what was entered, of an access that is not to be. */
    void leave() {
        buffer.leave(verb(), device.id(), range);
    }

    /**
     * {@return a claim that no thread waits in; when it has all, {@link #finish} opens the access}
     */
    Claim suspendingClaim(Patience patience) {
        long from = range.firstPage();
        long to = range.endPage();
        if (terms.mode() == AccessMode.WRITE) {
            return Claim.suspendingToOverwrite(
                    range.pages(), device.id(), from, to, patience, this);
        }
        return Claim.suspending(range.pages(), verb(), device.id(), from, to, patience);
    }

    /** {@return the access to what is claimed; if that fails, nothing is any more} */
    OpenAccess finish() {
        try {
            OpenAccess access = opened;
            return access == null ? opened() : access;
        } catch (RuntimeException | Error failure) {
            buffer.releaseUse(verb(), device.id(), range);
            throw failure;
        }
    }

    @Override
    public void open() {
        opened = opened();
    }

    private OpenAccess opened() {
        HolderSlot slot = HolderSlot.unlisted(false); // until it has one
        DeviceView view = null;
        try {
            slot = buffer.list(OpenAccess.KIND, range, terms, false);
            view = view();
            OpenAccess access = new OpenAccess(range, terms, device, view, slot);
            access.opened();
            return access;
        } catch (RuntimeException | Error failure) {
            Throwable failed = view == null ? failure : Closes.step(failure, view.release());
            slot.leave();
            Closes.rethrow(failed);
            throw failure;
        }
    }

    private DeviceView view() {
        if (range.byteSize() == 0) {
            return DeviceView.ofNothing(); // drivers make no object of nothing
        }
        DeviceWindow window = range.pages().deviceWindow(device.id(), range.firstPage());
        window.use(terms.mode());
        Place place = window.place();
        try {
            return place.extent().view(place.base() + range.offsetInSpan(), range.byteSize());
        } catch (DeviceLostException lost) {
            device.note(lost);
            throw lost;
        }
    }

    // ---- an access that overwrites its range ----

    @Override
    public long firstWhole() {
        return Math.ceilDiv(range.offset(), buffer.pageBytes());
    }

    /** The last page of the buffer is whole even if the buffer ends in the middle of it. */
    @Override
    public long endWhole() {
        boolean toTheEnd = range.end() == buffer.byteSize();
        long end = toTheEnd ? buffer.pageCount() : buffer.pageAt(range.end());
        return Math.max(firstWhole(), end);
    }
}
