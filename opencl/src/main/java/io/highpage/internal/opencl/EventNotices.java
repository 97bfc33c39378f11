// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static java.lang.invoke.MethodHandles.catchException;
import static java.lang.invoke.MethodHandles.dropArguments;
import static java.lang.invoke.MethodHandles.empty;
import static java.lang.invoke.MethodHandles.filterArguments;
import static java.lang.invoke.MethodHandles.filterReturnValue;
import static java.lang.invoke.MethodHandles.guardWithTest;
import static java.lang.invoke.MethodType.methodType;

import io.highpage.bindings.opencl.clSetEventCallback$pfn_notify;
import io.highpage.internal.work.Background;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Who is to be told that a command has ended. A driver calls from any thread, also before it has
 * returned from being asked to, late, or twice. So, as with {@link ClNotices}, the function that it
 * calls is there for the life of the process, made of methods of the JDK, and throws nothing; it
 * knows who waits by a number, which is good once; and nothing is done there but what was given for
 * it, which hands over and returns. What has ended, and how, the driver is asked then: a callback
 * that comes too early, or with a code that is not true, is no more than a reason to look.
 *
 * <p>Some drivers tell of no command that failed, none tells for a device that died, and a
 * hand-over may lack memory. So while somebody waits, a thread in the background looks twenty times
 * a second whether the commands have ended. Thread-safe.
 */
final class EventNotices {
    private static final AtomicLong NEXT = new AtomicLong(1);
    private static final Map<Long, Waiting> WAITING = new ConcurrentHashMap<>();
    private static final Background BACKGROUND = new Background("highpage-events");

    private static boolean looking; // whether the background was asked to, and goes on

    private EventNotices() {}

    /** What a driver runs. */
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

    /** Made at the first event that somebody is to be told of. */
    private static final class Function {
        static final MemorySegment POINTER = pointer();
    }

    /**
     * Begins to wait.
     *
     * @param hasEnded looks whether the command has ended, without waiting
     * @param handOver called once, by whoever learns it first
     * @return the number that a driver is to tell the end by
     */
    static long begin(BooleanSupplier hasEnded, Runnable handOver) {
        // ORD volatile: each gets a number of its own; pairs with itself.
        long number = NEXT.getAndIncrement();
        WAITING.put(number, new Waiting(number, hasEnded, handOver));
        synchronized (EventNotices.class) {
            if (!looking) {
                // A job of its own each time: the one before is on its way out.
                BACKGROUND.ask(new Look());
                looking = true;
            }
        }
        return number;
    }

    /** Looks as long as somebody waits. */
    private static final class Look implements Background.Job {
        @Override
        public boolean look(BooleanSupplier goesOn) {
            for (Map.Entry<Long, Waiting> entry : WAITING.entrySet()) {
                if (!goesOn.getAsBoolean()) {
                    return true;
                }
                try {
                    if (entry.getValue().hasEnded.getAsBoolean()) {
                        tell(entry.getKey());
                    }
                } catch (RuntimeException | Error notNow) {
                    // The next look may find it; others are not to wait for that.
                }
            }
            synchronized (EventNotices.class) {
                looking = !WAITING.isEmpty();
                return looking;
            }
        }
    }

    /** {@return the function to give the driver, NULL if there is none} */
    static MemorySegment function() {
        return Function.POINTER;
    }

    /** Tells who waits, unless that was done. What the driver says later is not heard. */
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

    /**
     * In Java: {@code (event, status, number) -> tell(number)}, and nothing is thrown: that would
     * end the process.
     */
    @SuppressWarnings("restricted")
    private static MemorySegment pointer() {
        try {
            Lookup lookup = MethodHandles.publicLookup();
            MethodHandle number = lookup.findVirtual(
                            MemorySegment.class, "address", methodType(long.class))
                    .asType(methodType(Object.class, MemorySegment.class));
            MethodHandle waiting = filterArguments(
                            lookup.findVirtual(
                                            Map.class,
                                            "get",
                                            methodType(Object.class, Object.class))
                                    .bindTo(WAITING),
                            0,
                            number)
                    .asType(methodType(Runnable.class, MemorySegment.class));
            MethodHandle run = lookup.findVirtual(Runnable.class, "run", methodType(void.class));
            MethodHandle waits = lookup.findStatic(
                            Objects.class, "nonNull", methodType(boolean.class, Object.class))
                    .asType(methodType(boolean.class, Runnable.class));
            MethodHandle tell =
                    filterReturnValue(waiting, guardWithTest(waits, run, empty(run.type())));
            MethodHandle quiet = catchException(
                    tell,
                    Throwable.class,
                    empty(tell.type().insertParameterTypes(0, Throwable.class)));
            MethodHandle function = dropArguments(quiet, 0, MemorySegment.class, int.class);
            return Linker.nativeLinker()
                    .upcallStub(
                            function, clSetEventCallback$pfn_notify.descriptor(), Arena.global());
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        } catch (RuntimeException denied) {
            return MemorySegment.NULL; // nobody is told, and a thread waits
        }
    }
}
