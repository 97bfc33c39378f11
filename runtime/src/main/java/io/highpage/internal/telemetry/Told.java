// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Registered;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * An event that tells of an operation, and the one way in which such events are made and written.
 * What it tells of does not depend on it: whatever is thrown here, as where heap or stack end, is
 * the event's loss. Whoever has one fills its fields with what is there already, which takes
 * nothing, when the operation owns no page any more; what has to be made is made in
 * {@link #complete}.
 *
 * <p>The recorder is told of these classes {@linkplain #look when it is in use}. By itself it would
 * make itself ready as soon as the first of them is initialised, which takes 0.2 s of processor
 * time, half of what a program takes to begin with this library.
 *
 * <p>Confined to one thread at a time: that which began an operation, or which goes on with it.
 */
@Registered(false)
public abstract class Told extends Event {
    /** What the tier of the host windows is called; others have the names of their devices. */
    public static final String HOME = "home";

    /** Is given each event before it is written: for tests, which throw there. */
    static volatile @Nullable Consumer<Told> seam;

    private static boolean known; // to the recorder

    // JFR leaves such fields out.
    private transient boolean lasts; // it was begun
    private transient boolean ended;

    /** Has every kind ready: near the end of stack or heap no class can be loaded any more. */
    public static void load() {
        Told[] all = all();
        assert all.length > 0;
    }

    private static Told[] all() {
        return new Told[] {
            new AccessEndEvent(),
            new AccessEvent(),
            new BudgetReachedEvent(),
            new BufferAllocationEvent(),
            new BufferCloseEvent(),
            new EvictionEvent(),
            new MigrationEvent(),
            new MoveEvent(),
            new PinEvent(),
            new RejectionEvent(),
            new UnpinEvent(),
            new WaitEvent(),
        };
    }

    /**
     * Looks whether somebody uses the recorder by now, and lets it know of the events then. Asked
     * now and then where it costs nothing beside what is done. Throws nothing.
     */
    public static void look() {
        if (FlightRecorder.isInitialized()) {
            try {
                register();
                EverySecond.beginAll();
            } catch (Throwable lost) {
                // What it tells of does not depend on it.
            }
        }
    }

    private static void register() {
        if (!known) {
            for (Told each : all()) {
                FlightRecorder.register(each.getClass());
            }
            known = true; // two threads may both do it
        }
    }

    /** {@return another one of the same kind} */
    abstract Told another();

    /** Makes what is written of what was noted. */
    void complete() {}

    /** {@return what a failure says; null if nothing failed} */
    static @Nullable String words(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getName() : message;
    }

    /** {@return another one like that, which begins now; null if that is not possible} */
    @SuppressWarnings("unchecked") // it is of the same kind
    static <E extends Told> @Nullable E begun(E like) {
        try {
            Told begun = like.another();
            begun.lasts = true;
            begun.begin();
            return (E) begun;
        } catch (Throwable lost) {
            return null;
        }
    }

    /** {@return another one like that, of a moment; null if that is not possible} */
    @SuppressWarnings("unchecked") // it is of the same kind
    static <E extends Told> @Nullable E made(E like) {
        try {
            return (E) like.another();
        } catch (Throwable lost) {
            return null;
        }
    }

    /** What it tells of ends now, or will have ended when this is called last. */
    final void ends() {
        ended = true;
        end();
    }

    /** Writes it, if it is long enough for whoever records. Throws nothing. */
    public final void tell() {
        try {
            if (lasts && !ended) {
                end(); // else what is made next counts, and the threshold is not known
            }
            if (!lasts || shouldCommit()) {
                Consumer<Told> looks = seam;
                if (looks != null) {
                    looks.accept(this);
                }
                complete();
                commit();
            }
        } catch (Throwable lost) {
            // What it tells of has happened all the same.
        }
    }
}
