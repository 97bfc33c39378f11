// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.Eventually;

import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

import org.junit.jupiter.api.Test;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;

/** What tells of a runtime every second keeps nothing of it, and ends with it. */
class EverySecondTest {
    static {
        FlightRecorder.getFlightRecorder(); // is in use
        Told.look();
    }

    /** Counts, and fails each time. */
    private static final class Counts implements EverySecond.Source {
        final AtomicInteger told;

        Counts(AtomicInteger told) {
            this.told = told;
        }

        @Override
        public void tellResidency() {
            told.incrementAndGet();
            throw new OutOfMemoryError("to be lost");
        }

        @Override
        public void tellUsage() {
            told.incrementAndGet();
            throw new StackOverflowError("to be lost");
        }

        @Override
        public void tellHolders() {
            told.incrementAndGet();
            throw new IllegalStateException("to be lost");
        }
    }

    private static int told(AtomicInteger counted) {
        return told(counted, () -> {});
    }

    private static int told(AtomicInteger counted, Runnable meanwhile) {
        int before = counted.get();
        try (Recording recording = new Recording()) {
            for (String name : new String[] {"BufferResidency", "TierUsage", "OpenHolder"}) {
                recording.enable("io.highpage." + name).with("period", "endChunk");
            }
            recording.start();
            meanwhile.run();
            recording.stop();
        }
        return counted.get() - before;
    }

    @Test
    void source_isAskedWhileItIsThere_andNotAfterTheEnd() {
        AtomicInteger counted = new AtomicInteger();
        Counts source = new Counts(counted);
        EverySecond tells = new EverySecond(source);
        assertThat(told(counted)).as("before").isZero();
        tells.begin();
        assertThat(told(counted)).isEqualTo(3);
        assertThat(told(counted)).as("once more, after it failed").isEqualTo(3);
        tells.end();
        tells.end();
        assertThat(told(counted)).as("after").isZero();
        assertThat(source.told).isSameAs(counted);
    }

    @Test
    void sourceThatComesWhileSomebodyRecords_isAsked_andNotOnceItHasGone() {
        AtomicInteger counted = new AtomicInteger();
        Counts source = new Counts(counted);
        EverySecond tells = new EverySecond(source);
        assertThat(told(counted, tells::begin)).isEqualTo(3);
        assertThat(told(counted, tells::end)).isZero();
        assertThat(source.told).isSameAs(counted);
    }

    @Test
    void sourceThatNobodyHas_isNotKept_andNotAskedAnyMore() {
        AtomicInteger counted = new AtomicInteger();
        WeakReference<Counts> left = leave(counted);
        Eventually.becomes("garbage", () -> {
            System.gc();
            return left.get() == null;
        });
        assertThat(told(counted)).isZero();
    }

    private static WeakReference<Counts> leave(AtomicInteger counted) {
        Counts source = new Counts(counted);
        new EverySecond(source).begin();
        return new WeakReference<>(source);
    }
}
