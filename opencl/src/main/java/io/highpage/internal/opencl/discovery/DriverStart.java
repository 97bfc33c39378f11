// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

import io.highpage.outcome.DeviceException;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * Lets one thread at a time ask the drivers of this process what there is, until they have answered
 * once: some make their devices when they are first asked, and show a second thread what is only
 * half made. Several class loaders can each have a copy of this class, so what they share is a
 * system property: it names the thread that asks. Thread-safe.
 */
final class DriverStart {
    private static final String ASKING = "io.highpage.opencl.asking";

    private static volatile boolean answered;

    private DriverStart() {}

    /**
     * Asks, when no other thread does.
     *
     * @param patience how long to wait for another thread, whose driver may never answer
     * @throws DeviceException if it did not answer
     */
    static <T> T ask(Supplier<T> question, Duration patience) {
        if (answered) {
            return question.get();
        }
        reserve(patience);
        try {
            T answer = question.get();
            answered = true;
            return answer;
        } finally {
            System.getProperties().remove(ASKING);
        }
    }

    private static void reserve(Duration patience) {
        String self = Thread.currentThread().toString();
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            Object other = System.getProperties().putIfAbsent(ASKING, self);
            while (other != null) {
                if (System.nanoTime() - start > patience.toNanos()) {
                    throw new DeviceException(
                            "OpenCL does not answer: " + other
                                    + " has been asking its drivers for more than "
                                    + patience.toSeconds() + " s",
                            null);
                }
                try {
                    Thread.sleep(1);
                } catch (InterruptedException e) {
                    interrupted = true; // asking cannot be interrupted either
                }
                other = System.getProperties().putIfAbsent(ASKING, self);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
