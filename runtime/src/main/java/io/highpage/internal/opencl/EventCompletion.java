// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.Completion;
import java.lang.foreign.MemorySegment;

/** An event of the user's, kept until it has been waited for. Guarded by its own monitor. */
public final class EventCompletion implements Completion {
    private final Cl cl;
    private final MemorySegment event;
    private boolean ended;
    private RuntimeException failure;

    private EventCompletion(Cl cl, MemorySegment event) {
        this.cl = cl;
        this.event = event;
    }

    /** Takes a reference to the event; the wait gives it back. */
    public static EventCompletion retain(Cl cl, MemorySegment event) {
        cl.retainEvent(event);
        return new EventCompletion(cl, event);
    }

    @Override
    public synchronized void await() {
        if (!ended) {
            ended = true;
            try {
                FirstFailure failures = new FirstFailure();
                failures.run(() -> ClEvents.await(cl, event, "the work of the event"));
                failures.run(() -> cl.releaseEvent(event));
                failures.rethrow();
            } catch (RuntimeException failed) {
                failure = failed;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
