// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.lang.foreign.MemorySegment;

/**
 * A device's queues for copies: in order, one for each direction, so that a page that comes home
 * does not wait behind what goes to the device. Nothing orders the two, and nothing has to: a call
 * returns only when its commands have ended, and pages that move are one call's.
 *
 * @param in to the device, and zeroing there
 * @param out home
 */
record CopyQueues(MemorySegment in, MemorySegment out) {
    static CopyQueues make(
            ClReferences references, Cl cl, MemorySegment context, MemorySegment device) {
        MemorySegment in = references.make(() -> cl.createQueue(context, device), cl::releaseQueue);
        MemorySegment out =
                references.make(() -> cl.createQueue(context, device), cl::releaseQueue);
        return new CopyQueues(in, out);
    }
}
