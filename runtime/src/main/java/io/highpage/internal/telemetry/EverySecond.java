// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What is told of a runtime again and again while somebody records it. Refers to the runtime
 * weakly. Begins when {@link Told#look} finds that the recorder is in use. Each runtime has one of
 * its own, and none of them a lock. Thread-safe.
 */
public final class EverySecond {
    /** Those that nobody asks yet. */
    private static final Queue<EverySecond> WAITING = new ConcurrentLinkedQueue<>();

    /** What tells of a runtime. It waits for nobody; others that are recorded wait for it. */
    public interface Source {
        /** Tells where the bytes of buffers are. */
        void tellResidency();

        /** Tells what budgets have in use. */
        void tellUsage();

        /** Tells who holds what. */
        void tellHolders();
    }

    private final WeakReference<Source> source;
    private final List<Look> looks;
    private volatile boolean asked;
    private volatile boolean ended;

    /** Begins to tell of one. */
    public EverySecond(Source source) {
        this.source = new WeakReference<>(source);
        this.looks = List.of(new Look(this, 0), new Look(this, 1), new Look(this, 2));
    }

    /** Begins. Throws nothing: what it tells of does not depend on it. */
    public void begin() {
        try {
            WAITING.add(this);
            Told.look();
        } catch (Throwable lost) {
            ended = true;
        }
    }

    /** Has all be asked for, now that the recorder is in use. May throw. */
    static void beginAll() {
        for (EverySecond next = WAITING.poll(); next != null; next = WAITING.poll()) {
            next.asked = true;
            for (Look look : next.looks) {
                FlightRecorder.register(look.type());
                FlightRecorder.addPeriodicEvent(look.type(), look);
            }
        }
    }

    /**
     * Ends; once more does nothing. What is told just now is told to its end. Throws nothing: what
     * is left is found when it is to tell again.
     */
    public void end() {
        ended = true;
        try {
            boolean waited = WAITING.remove(this);
            if (asked) {
                for (Look look : looks) {
                    boolean none = FlightRecorder.removePeriodicEvent(look);
                }
            }
        } catch (Throwable later) {
            // The next time it would tell.
        }
    }

    /** One kind of event of one runtime. */
    private static final class Look implements Runnable {
        private final EverySecond of;
        private final int kind;

        Look(EverySecond of, int kind) {
            this.of = of;
            this.kind = kind;
        }

        Class<? extends Event> type() {
            return switch (kind) {
                case 0 -> BufferResidencyEvent.class;
                case 1 -> TierUsageEvent.class;
                default -> OpenHolderEvent.class;
            };
        }

        @Override
        public void run() {
            try {
                Source source = of.source.get();
                if (source == null || of.ended) { // or added while it ended
                    of.end();
                    return;
                }
                switch (kind) {
                    case 0 -> source.tellResidency();
                    case 1 -> source.tellUsage();
                    default -> source.tellHolders();
                }
            } catch (Throwable lost) {
                // The next one may succeed.
            }
        }
    }
}
