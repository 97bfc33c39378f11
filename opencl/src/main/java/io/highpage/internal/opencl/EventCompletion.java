// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_COMPLETE;

import io.highpage.device.Completion;
import io.highpage.internal.close.Closes;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.DeviceWaitException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An event of the program's, kept until it is known that its command has ended. Any number of
 * threads wait for it at once; the last one that needs the event gives it back. Thread-safe.
 */
public final class EventCompletion implements Completion {
    private final ClContext context;
    private final MemorySegment event;
    private final UseCount uses = new UseCount();
    private final Once ownUse = new Once(uses::leave);
    private final Once release;
    private final Once contextUse;
    private final Map<Runnable, Long> told = new ConcurrentHashMap<>(); // and its number
    private volatile @Nullable DeviceException failure; // written before the own use ends
    private volatile boolean ended; // as the failure

    private EventCompletion(ClContext context, MemorySegment event) {
        this.context = context;
        this.event = event;
        this.release = new Once(() -> context.cl().releaseEvent(event));
        this.contextUse = context.use();
    }

    /** Takes a reference to the event; the wait, or {@link #drop}, gives it back. */
    public static EventCompletion retain(ClContext context, MemorySegment event) {
        EventCompletion completion = new EventCompletion(context, event);
        try {
            context.cl().retainEvent(event);
            return completion;
        } catch (Throwable failure) {
            completion.release.cancel();
            Closes.rethrow(Closes.step(failure, completion::drop));
            throw failure;
        }
    }

    @Override
    public void await() {
        if (uses.enter()) {
            Throwable failed = Closes.step(null, this::awaitEnd);
            uses.leave();
            Closes.rethrow(Closes.step(failed, this::releaseIfUnused));
            return;
        }
        if (failure != null) {
            throw failure;
        }
        if (!ended) {
            throw new DeviceWaitException(
                    "it is not known whether the work of an event has ended: its reference was"
                            + " given back",
                    null);
        }
    }

    private void awaitEnd() {
        try {
            int status = context.await(event);
            failure = status == CL_COMPLETE() ? null : context.workFailure(status);
        } catch (DeviceLostException lost) {
            failure = lost;
        }
        ended = true;
        ownUse.run();
        told.values().forEach(EventNotices::tell); // the driver may never say it
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public boolean whenEnded(Runnable handOver) {
        Objects.requireNonNull(handOver, "handOver");
        if (!uses.enter()) {
            if (ended) {
                handOver.run();
            }
            return ended;
        }
        boolean asked = false;
        Throwable failed = null;
        try {
            asked = ask(handOver);
        } catch (Throwable failure) {
            failed = failure;
        }
        uses.leave();
        Closes.rethrow(Closes.step(failed, this::releaseIfUnused));
        return asked;
    }

    /** {@return whether it will be called} */
    private boolean ask(Runnable handOver) {
        long number = EventNotices.begin(this::hasEnded, handOver);
        if (number == 0) {
            return false;
        }
        try {
            told.put(handOver, number);
            context.tellEnd(event, number);
        } catch (DeviceException failed) {
            // It is looked at, and whoever waits then learns it.
        } catch (Throwable failed) {
            EventNotices.end(number); // the caller goes on without
            throw failed;
        }
        if (ended) {
            EventNotices.tell(number); // it ended meanwhile, and others were told before
        }
        return true;
    }

    /** {@return whether a wait would return at once} */
    private boolean hasEnded() {
        if (!uses.enter()) {
            return ended;
        }
        try {
            return context.isOver(event);
        } finally {
            uses.leave();
            releaseIfUnused();
        }
    }

    /**
     * {@inheritDoc} Perhaps nobody waits any more, also where the end has been told and whoever was
     * to wait then has not come to it: so the event is given back by the thread that looks, once it
     * has ended.
     */
    @Override
    public void forget(Runnable handOver) {
        Long number = told.remove(handOver);
        if (number == null) {
            return;
        }
        boolean ignored = EventNotices.end(number);
        if (!ended) {
            EventNotices.lookAfter(this::hasBeenAwaited);
        }
    }

    /** {@return whether there is nothing more to wait for}; how it has ended nobody asks */
    private boolean hasBeenAwaited() {
        if (!hasEnded()) {
            return false;
        }
        try {
            await();
        } catch (DeviceException failed) {
            return ended; // else it is not known, and is looked at again
        }
        return true;
    }

    /** Gives the event back without waiting: nobody was told of it. */
    public void drop() {
        ownUse.run();
        releaseIfUnused();
    }

    private void releaseIfUnused() {
        if (uses.isOver()) {
            Throwable failed = Closes.step(null, release);
            // Another thread is releasing it at this moment, and goes on; or an error came first.
            if (!release.isOver()) {
                Closes.rethrow(failed);
                return;
            }
            failed = Closes.step(failed, contextUse);
            Closes.rethrow(Closes.step(failed, context::releaseIfUnused));
        }
    }
}
