// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.highpage.internal.os.NativeLibrary;
import io.highpage.internal.work.Background;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Who is to be told that a command has ended. A driver calls from any thread, also before it has
 * returned from being asked to, late, twice, or while the process is at its end and the JVM gone.
 * So it never calls Java: what it calls is a function of the native library, which keeps the number
 * that it is given, and a thread in the background asks for these numbers. A number is good once,
 * and nothing is done for it but what was given for it, which hands over and returns. What has
 * ended, and how, the driver is asked then: a callback that comes too early, or with a code that is
 * not true, is no more than a reason to look.
 *
 * <p>Some drivers tell of no command that failed, none tells for a device that died, and a
 * hand-over may lack memory. So while somebody waits, the same thread looks twenty times a second
 * whether the commands have ended; a thousand times where there is no native library, and nobody
 * tells it. Thread-safe.
 */
final class EventNotices {
    /**
     * Numbers begin where nobody guesses: a copy of this class in another class loader has numbers
     * of its own, and may share the library.
     */
    private static final AtomicLong NEXT =
            new AtomicLong(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE / 2));

    private static final Map<Long, Waiting> WAITING = new ConcurrentHashMap<>();

    /** Without a pause: the look has its own. */
    private static final Background BACKGROUND = new Background("highpage-events", 0);

    /** Of its own each time: the one before is on its way out. Null while nobody waits. */
    private static @Nullable Look look;

    private EventNotices() {}

    /** What is done at an end. */
    private static final class Waiting implements Runnable {
        private final Long number;
        private final BooleanSupplier hasEnded;
        private final Runnable handOver;
        private final AtomicBoolean told = new AtomicBoolean();

        Waiting(Long number, BooleanSupplier hasEnded, Runnable handOver) {
            this.number = number;
            this.hasEnded = hasEnded;
            this.handOver = handOver;
        }

        /** Once, unless it fails: then the next one who learns of the end tries again. */
        @Override
        public void run() {
            // ORD volatile: of those who learn of the end at once one tells it; pairs with itself.
            if (!told.compareAndSet(false, true)) {
                return;
            }
            try {
                handOver.run();
                WAITING.remove(number);
            } catch (Throwable notNow) {
                // ORD volatile: the next one sees how far this one came; pairs with itself.
                told.set(false);
                throw notNow;
            }
        }
    }

    /** What the driver calls, and who asks for what it told; found at the first event. */
    private static final class Told {
        static final long LOOK_NANOS;
        static final MemorySegment FUNCTION;
        private static final @Nullable MethodHandle NEXT_ENDED;

        static {
            SymbolLookup library = NativeLibrary.lookup().orElse(null);
            FUNCTION = library == null ? MemorySegment.NULL : library.findOrThrow("hp_event_ended");
            NEXT_ENDED = library == null
                    ? null
                    : NativeLibrary.link(
                            library, "hp_next_ended", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
            LOOK_NANOS = library == null ? 1_000_000 : Background.PERIOD_NANOS;
        }

        private Told() {}

        /** {@return the number of what has ended, 0 if nothing is told for so long} */
        static long next(long nanos) {
            if (NEXT_ENDED == null) {
                LockSupport.parkNanos(nanos);
                boolean ignored = Thread.interrupted(); // the next one is to take its time
                return 0;
            }
            try {
                return (long) NEXT_ENDED.invokeExact(nanos);
            } catch (Throwable failure) {
                throw NativeLibrary.unchecked(failure);
            }
        }
    }

    /**
     * Begins to wait.
     *
     * @param hasEnded looks whether the command has ended, without waiting
     * @param handOver called once, by whoever learns it first
     * @return the number that a driver is to tell the end by; 0 if nobody can be told, since the
     *     system has no thread for that: nothing is kept then, nor if this fails
     */
    static long begin(BooleanSupplier hasEnded, Runnable handOver) {
        long number = wait(hasEnded, handOver);
        boolean heard = false;
        try {
            heard = isLookedAfter();
        } finally {
            if (!heard) {
                WAITING.remove(number);
            }
        }
        return heard ? number : 0;
    }

    /**
     * Asks something again and again until it has ended. Where there is no thread for that, as soon
     * as there is one for somebody else.
     */
    static void lookAfter(BooleanSupplier hasEnded) {
        wait(hasEnded, () -> {});
        boolean ignored = isLookedAfter();
    }

    private static long wait(BooleanSupplier hasEnded, Runnable handOver) {
        // ORD volatile: each gets a number of its own; pairs with itself.
        long number = NEXT.getAndIncrement();
        WAITING.put(number, new Waiting(number, hasEnded, handOver));
        return number;
    }

    private static boolean isLookedAfter() {
        synchronized (EventNotices.class) {
            if (look == null) {
                look = new Look();
            }
            return BACKGROUND.ask(look);
        }
    }

    /** Hears and looks as long as somebody waits. */
    private static final class Look implements Background.Job {
        @Override
        public boolean look(BooleanSupplier goesOn) {
            long start = System.nanoTime();
            for (long left = Told.LOOK_NANOS;
                    left > 0;
                    left = Told.LOOK_NANOS - (System.nanoTime() - start)) {
                hear(Told.next(left));
            }
            WAITING.forEach((number, waiting) -> {
                if (goesOn.getAsBoolean()) {
                    lookAt(number, waiting);
                }
            });
            synchronized (EventNotices.class) {
                if (WAITING.isEmpty()) {
                    look = null;
                    return false;
                }
                return true;
            }
        }

        private static void hear(long number) {
            try {
                tell(number);
            } catch (RuntimeException | Error notNow) {
                // The look may find it.
            }
        }

        private static void lookAt(long number, Waiting waiting) {
            try {
                if (waiting.hasEnded.getAsBoolean()) {
                    tell(number);
                }
            } catch (RuntimeException | Error notNow) {
                // The next look may find it; others are not to wait for that.
            }
        }
    }

    /** {@return the function to give the driver, NULL if there is none} */
    static MemorySegment function() {
        return Told.FUNCTION;
    }

    /** Tells who waits, unless that was done. What is told later is not heard. */
    static void tell(long number) {
        Runnable waiting = WAITING.get(number);
        if (waiting != null) {
            waiting.run();
        }
    }

    /** {@return whether somebody was still to be told, who is not any more} */
    static boolean end(long number) {
        return WAITING.remove(number) != null;
    }

    /** {@return how many are to be told} */
    static int count() {
        return WAITING.size();
    }
}
