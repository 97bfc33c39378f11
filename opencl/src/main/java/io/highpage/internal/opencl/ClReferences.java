// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.internal.close.Closes;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * References to OpenCL objects that one owner holds and gives back together, last one first. Filled
 * by one thread.
 */
final class ClReferences {
    private static final int ENOUGH = 8;

    private final List<Once> releases = new ArrayList<>(ENOUGH);

    /** Makes an object, and keeps the reference that this gives. */
    MemorySegment make(Supplier<MemorySegment> maker, Consumer<MemorySegment> release) {
        MemorySegment[] made = {null};
        // First: there may be no memory for it afterwards.
        Once once = new Once(() -> release.accept(made[0]));
        made[0] = maker.get();
        releases.add(once);
        return made[0];
    }

    /** Takes a reference to an object of somebody else's. */
    MemorySegment retain(
            MemorySegment object, Consumer<MemorySegment> retain, Consumer<MemorySegment> release) {
        return make(
                () -> {
                    retain.accept(object);
                    return object;
                },
                release);
    }

    /**
     * Gives back all of them, whatever fails, then throws the first failure. A second call gives
     * back what was not.
     */
    void close() {
        Closes.each(releases.reversed(), Once::run);
    }
}
