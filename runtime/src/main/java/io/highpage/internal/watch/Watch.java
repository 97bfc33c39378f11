// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.watch;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Tells what is open, and where it was opened: runtimes, buffers, pins, holds, accesses and
 * registrations. Off, and then no more than the read of a flag, until {@code io.highpage.junit}
 * turns it on, or from the start with {@code -Dhighpage.trace.holders=true}. Thread-safe.
 *
 * @hidden not an API: exported to all for tools on the class path only
 */
public final class Watch {
    private static final Map<Object, Throwable> OPEN = new ConcurrentHashMap<>();

    private static volatile boolean on = Boolean.getBoolean("highpage.trace.holders");

    /** By name: this package is below all that it watches. */
    private static final String API = "io.highpage.Highpage";

    private Watch() {}

    /** Watches from now on. What was opened before is not known. */
    public static void turnOn() {
        on = true;
    }

    /** {@return whether it watches} */
    public static boolean isOn() {
        return on;
    }

    /**
     * Remembers what has just been opened.
     *
     * @param thing what
     */
    public static void opened(Object thing) {
        if (on) {
            OPEN.put(
                    thing,
                    new Throwable("opened by thread " + Thread.currentThread().getName()));
        }
    }

    /**
     * As {@link #opened(Object)}, for somebody who asked for it elsewhere.
     *
     * @param thing what
     * @param asked where it was asked for
     */
    public static void opened(Object thing, Throwable asked) {
        if (on) {
            OPEN.computeIfPresent(thing, (opened, where) -> asked);
        }
    }

    /**
     * Forgets what has just been closed.
     *
     * @param thing what
     */
    public static void closed(Object thing) {
        if (on) {
            OPEN.remove(thing);
        }
    }

    /** {@return what is open, each with where it was opened} */
    public static Map<Object, Throwable> open() {
        return Map.copyOf(OPEN);
    }

    /**
     * {@return the calls that led into the library when a thing was opened, innermost first; empty
     * if that is not known}
     *
     * @param thing what was opened
     */
    public static List<StackTraceElement> placeOf(Object thing) {
        Throwable opened = OPEN.get(thing);
        return opened == null ? List.of() : callers(opened);
    }

    /**
     * {@return the calls that led into the library, innermost first}
     *
     * @param opened where a thing was opened, as in {@link #open}
     */
    public static List<StackTraceElement> callers(Throwable opened) {
        return Stream.of(opened.getStackTrace()).dropWhile(Watch::isLibrary).toList();
    }

    private static boolean isLibrary(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.startsWith("io.highpage.internal.")
                || name.equals(API)
                || name.startsWith(API + "$");
    }
}
