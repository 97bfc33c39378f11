// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.watch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells {@code io.highpage.junit} what is open, and where it was opened: runtimes, buffers, pins, holds, accesses
 * and registrations. Off,
 * and then no more than the read of a flag, until that module turns it on. Thread-safe.
 */
public final class Watch {
    private static final Map<Object, Throwable> OPEN = new ConcurrentHashMap<>();

    private static volatile boolean on;

    private Watch() {}

    /** Watches from now on. What was opened before is not known. */
    public static void turnOn() {
        on = true;
    }

    /** Remembers what has just been opened. */
    public static void opened(Object thing) {
        if (on) {
            OPEN.put(
                    thing,
                    new Throwable("opened by thread " + Thread.currentThread().getName()));
        }
    }

    /** Forgets what has just been closed. */
    public static void closed(Object thing) {
        if (on) {
            OPEN.remove(thing);
        }
    }

    /** {@return what is open, each with where it was opened} */
    public static Map<Object, Throwable> open() {
        return Map.copyOf(OPEN);
    }
}
