// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.watch;

import io.highpage.internal.log.ThreadWords;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Tells what is open, and where it was opened: runtimes, buffers, pins, holds, accesses and
 * registrations; also of those that nobody has any more, which it tells of as {@link Leaks} does.
 * It keeps none of them. Off, and then no more than the read of a flag, until
 * {@code io.highpage.junit} turns it on, or from the start with
 * {@code -Dhighpage.trace.holders=true}. Thread-safe.
 *
 * @hidden not an API: exported to all for tools on the class path only
 */
public final class Watch {
    private static final Map<Object, Opened> OPEN = new ConcurrentHashMap<>();

    /** How many were lost that had been opened at a place; as many as there are such places. */
    private static final Map<String, Integer> LOST = new ConcurrentHashMap<>();

    private static volatile boolean on = Boolean.getBoolean("highpage.trace.holders");

    /** By name: this package is below all that it watches. */
    private static final String API = "io.highpage.Highpage";

    private Watch() {}

    /** Something that was opened, which it does not keep. Each is itself alone. */
    public static final class Opened extends WeakReference<Object> {
        private final Class<?> type;
        private final String words;
        private final int hash;
        private final Leaks.Open leak = Leaks.of(this::lost);
        private volatile Throwable where;

        private Opened(Object thing, Throwable where) {
            super(thing);
            this.type = thing.getClass();
            this.words = thing.toString();
            this.hash = System.identityHashCode(thing);
            this.where = where;
        }

        /** {@return whether nobody has it any more, and so nobody can close it} */
        public boolean isLost() {
            return refersTo(null);
        }

        /** {@return whether it is one of these} */
        public boolean isA(Class<?> kind) {
            return kind.isAssignableFrom(type);
        }

        /** {@return where it was opened} */
        public Throwable where() {
            return where;
        }

        /** {@return the line of the program that opened it} */
        public String place() {
            return callers(where).stream()
                    .findFirst()
                    .map(StackTraceElement::toString)
                    .orElse("an unknown place");
        }

        /** The 1st, 2nd, 4th, 8th of a place are told: a loop that loses them is one mistake. */
        private String lost() {
            String place = place();
            int count = LOST.merge(place, 1, Integer::sum);
            if (Integer.bitCount(count) != 1) {
                return "";
            }
            return words + " became unreachable while open: nobody can close it, and what it has"
                    + " stays taken; " + where.getMessage() + " at " + place
                    + (count == 1 ? "" : "; with it " + count + " of this place are lost");
        }

        /** {@return what it is, in words; of what nobody has any more as it was when it opened} */
        @Override
        public String toString() {
            Object thing = get();
            return thing == null ? words : thing.toString();
        }

        /** That of a {@link Key} of the same thing. */
        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }
    }

    /** Finds what stands for a thing. */
    private record Key(Object thing) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Opened opened && opened.refersTo(thing);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(thing);
        }
    }

    /** Watches from now on. What was opened before is not known. */
    public static void turnOn() {
        on = true;
    }

    /** {@return whether it watches} */
    public static boolean isOn() {
        return on;
    }

    /**
     * Remembers what has just been opened, and tells if it is lost.
     *
     * @param thing what
     * @return what stands for it; null if nobody watches
     */
    public static @Nullable Opened opened(Object thing) {
        return on ? remember(thing, true) : null;
    }

    /** As {@link #opened(Object)}, of what somebody else tells of if it is lost. */
    public static @Nullable Opened openedAndTold(Object thing) {
        return on ? remember(thing, false) : null;
    }

    private static Opened remember(Object thing, boolean tells) {
        Opened opened = new Opened(
                thing, new Throwable("opened by thread " + ThreadWords.of(Thread.currentThread())));
        OPEN.put(opened, opened);
        if (tells) {
            opened.leak.watch(thing);
        }
        return opened;
    }

    /**
     * Remembers of what has been opened that somebody asked for it elsewhere. Throws nothing: what
     * is open already nobody would have.
     *
     * @param thing what has been opened
     * @param asked where it was asked for
     */
    public static void opened(Object thing, Throwable asked) {
        try {
            Opened opened = find(thing);
            if (opened != null) {
                opened.where = asked;
            }
        } catch (OutOfMemoryError | StackOverflowError noRoom) {
            // It is told of where it was opened then.
        }
    }

    private static @Nullable Opened find(Object thing) {
        return on ? OPEN.get(new Key(thing)) : null;
    }

    /**
     * Forgets what has just been closed, or failed to open.
     *
     * @param thing what
     */
    public static void closed(Object thing) {
        if (on) {
            forget(thing);
        }
    }

    private static void forget(Object thing) {
        Opened opened = OPEN.remove(new Key(thing));
        if (opened != null) {
            opened.leak.close();
        }
        Reference.reachabilityFence(thing); // else it might be found lost in between
    }

    /** {@return what is open, also what is lost} */
    public static Set<Opened> open() {
        return Set.copyOf(OPEN.values());
    }

    /**
     * {@return the calls that led into the library when a thing was opened, innermost first; empty
     * if that is not known}
     *
     * @param thing what was opened
     */
    public static List<StackTraceElement> placeOf(Object thing) {
        Opened opened = find(thing);
        return opened == null ? List.of() : callers(opened.where);
    }

    /**
     * {@return the calls that led into the library, innermost first}
     *
     * @param opened where a thing was opened
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
