// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

import java.lang.ref.WeakReference;
import java.util.List;

/**
 * What is told of a runtime again and again while somebody records it. Refers to the runtime
 * weakly, and leaves the recorder alone until somebody uses it: to have that ready takes longer
 * than to open a runtime. Each runtime has one of its own, and none of them a lock. Thread-safe.
 */
public final class EverySecond {
    /** What tells of a runtime. It waits for nobody; others that are recorded wait for it. */
    public interface Source {
        /** Tells where the bytes of buffers are. */
        void tellResidency();

        /** Tells what budgets have in use. */
        void tellUsage();

        /** Tells who holds what. */
        void tellHolders();
    }

    private final Listener listener = new Listener(this);
    private final WeakReference<Source> source;
    private final List<Look> looks;
    private volatile boolean ended;

    /** Begins to tell of one. */
    public EverySecond(Source source) {
        this.source = new WeakReference<>(source);
        this.looks = List.of(
                new Look(this, BufferResidencyEvent.class),
                new Look(this, TierUsageEvent.class),
                new Look(this, OpenHolderEvent.class));
    }

    /** Begins. Throws nothing: what it tells of does not depend on it. */
    public void begin() {
        try {
            FlightRecorder.addListener(listener);
        } catch (Throwable lost) {
            end();
        }
    }

    /**
     * Ends; once more does nothing. What is told just now is told to its end. Throws nothing: what
     * is left is found when it is to tell again.
     */
    public void end() {
        ended = true;
        try {
            boolean ignored = FlightRecorder.removeListener(listener);
            for (Look look : looks) {
                boolean none = FlightRecorder.removePeriodicEvent(look);
            }
        } catch (Throwable later) {
            // The next time it would tell.
        }
    }

    /** Hears that somebody begins to record for the first time. */
    private record Listener(EverySecond of) implements FlightRecorderListener {
        @Override
        public void recorderInitialized(FlightRecorder recorder) {
            for (Look look : of.looks) {
                FlightRecorder.addPeriodicEvent(look.type, look);
            }
        }
    }

    /** One kind of event of one runtime. */
    private static final class Look implements Runnable {
        private final EverySecond of;
        private final Class<? extends Event> type;

        Look(EverySecond of, Class<? extends Event> type) {
            this.of = of;
            this.type = type;
        }

        @Override
        public void run() {
            try {
                Source source = of.source.get();
                if (source == null || of.ended) { // or added while it ended
                    of.end();
                } else if (type == BufferResidencyEvent.class) {
                    source.tellResidency();
                } else if (type == TierUsageEvent.class) {
                    source.tellUsage();
                } else {
                    source.tellHolders();
                }
            } catch (Throwable lost) {
                // The next one may succeed.
            }
        }
    }
}
