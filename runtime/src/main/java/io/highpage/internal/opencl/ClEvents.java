// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_COMPLETE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;

/** Waits for events until it is certain that their commands have ended, also when a wait itself fails. */
public final class ClEvents {
    private static final long RETRY_NANOS = 200_000;

    private ClEvents() {}

    /**
     * Waits until an event's command has ended.
     *
     * @param what the command, for the message
     * @throws DeviceException if the command failed, or if the driver does not say how it is
     */
    public static void await(Cl cl, MemorySegment event, String what) {
        int status;
        try (Arena arena = Arena.ofConfined()) {
            status = endStatus(
                    cl, arena.allocateFrom(ValueLayout.ADDRESS, event), event, arena.allocate(ValueLayout.JAVA_INT));
        }
        if (status != CL_COMPLETE()) {
            throw Cl.failure(what, status, "");
        }
    }

    /**
     * A wait that fails says nothing of the command, which may still be writing to memory that the caller is about to give to
     * somebody else. So the command's own status decides, and the wait is repeated until there is one.
     */
    private static int endStatus(Cl cl, MemorySegment list, MemorySegment event, MemorySegment status) {
        for (; ; ) {
            int waited = cl.waitFor(list, 1);
            int asked = cl.executionStatus(event, status);
            if (asked == CL_SUCCESS()) {
                if (status.get(ValueLayout.JAVA_INT, 0) <= CL_COMPLETE()) {
                    return status.get(ValueLayout.JAVA_INT, 0);
                }
            } else if (waited == CL_SUCCESS()) {
                return CL_COMPLETE();
            } else if (waited == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST()) {
                return waited;
            } else {
                throw Cl.failure("clWaitForEvents", waited, " and clGetEventInfo with " + ClCodes.describe(asked));
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }
}
