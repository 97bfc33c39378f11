// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_COMPLETE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/**
 * Waits for events. A wait that fails says nothing of the command, which may still be writing to
 * memory that the caller is about to give to somebody else. So the command's own status decides,
 * and both are asked again until there is one, or until the driver has only failed for as long as
 * it is given. Waiting takes no memory: who makes one brings it. Confined to one operation.
 */
final class EventWait {
    /**
     * What {@link #await} returns if it is not known whether the command has ended: no status is
     * like it.
     */
    static final int UNKNOWN = Integer.MAX_VALUE;

    static final ValueLayout.OfInt STATUS = ValueLayout.JAVA_INT;

    private final Cl cl;
    private final MemorySegment status;
    private final Retries retries;
    private int waited;
    private int asked;

    /**
     * Makes a wait.
     *
     * @param status where a driver may write {@link #STATUS}
     * @param patience for how long a driver that only fails is asked again
     */
    EventWait(Cl cl, MemorySegment status, Duration patience) {
        this.cl = cl;
        this.retries = new Retries(patience);
        this.status = status;
    }

    /**
     * Waits until an event's command has ended.
     *
     * @param event where the event is, as drivers take lists of them
     * @return how it ended, {@code CL_COMPLETE} or a negative code; or {@link #UNKNOWN}
     */
    int await(MemorySegment event) {
        int ended = ask(event);
        while (ended == UNKNOWN && retries.again(waited)) {
            ended = ask(event);
        }
        retries.end();
        return ended;
    }

    private int ask(MemorySegment event) {
        try {
            waited = cl.waitFor(event, 1);
            int ended = look(event);
            if (asked == CL_SUCCESS()) {
                return ended;
            }
            return waited == CL_SUCCESS()
                            || waited == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST()
                    ? waited // 0 is complete
                    : UNKNOWN;
        } catch (Throwable failed) { // such as a full stack: nothing is known then
            waited = CL_OUT_OF_HOST_MEMORY();
            asked = waited;
            return UNKNOWN;
        }
    }

    /**
     * {@return how a command ended, or {@link #UNKNOWN}, without waiting}
     *
     * @param event where the event is
     */
    int look(MemorySegment event) {
        asked = askStatus(event);
        int now = asked == CL_SUCCESS() ? status.get(STATUS, 0) : UNKNOWN;
        return now <= CL_COMPLETE() ? now : UNKNOWN;
    }

    private int askStatus(MemorySegment event) {
        try {
            return cl.executionStatus(event.get(ValueLayout.ADDRESS, 0), status);
        } catch (Throwable failed) { // such as a full heap: to wait takes no memory
            return CL_OUT_OF_HOST_MEMORY();
        }
    }

    /** {@return what the driver said instead of how the command ended} */
    String text() {
        return "clWaitForEvents returned " + ClCodes.describe(waited) + " and clGetEventInfo "
                + (asked == CL_SUCCESS()
                        ? "that the command has not ended (status " + status.get(STATUS, 0) + ")"
                        : ClCodes.describe(asked));
    }

    /** {@return whether the driver says that the device is gone} */
    boolean isLoss() {
        return ClCodes.isLoss(waited) || ClCodes.isLoss(asked);
    }
}
