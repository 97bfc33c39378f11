// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.jvm;

import org.jspecify.annotations.Nullable;

/**
 * Looks for room on the Java heap before the system is asked for something, so that an
 * {@link OutOfMemoryError} comes there and not between the system's answer and the object that
 * remembers it. Other threads may take the room meanwhile: this makes such a loss rare, where
 * nothing can rule it out.
 */
public final class HeapRoom {
    private static final int BYTES = 16 << 10;

    /** Volatile, so that the array is really made. */
    private static volatile byte @Nullable [] spare;

    private HeapRoom() {}

    /**
     * Looks for 16 KiB.
     *
     * @throws OutOfMemoryError if there is less
     */
    public static void check() {
        spare = new byte[BYTES];
        spare = null;
    }
}
