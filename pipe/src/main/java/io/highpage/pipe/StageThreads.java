// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.internal.close.Closes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Stages that work at the same time, one in the calling thread. The first failure stops all; then
 * it is thrown.
 */
final class StageThreads {
    private final List<Belt> belts;
    private final List<Thread> threads = new ArrayList<>();

    /** Guarded by this. */
    private @Nullable Throwable first;

    private StageThreads(List<Belt> belts) {
        this.belts = belts;
    }

    /** What a stage does. It ends early when a belt that it waits for stops. */
    @FunctionalInterface
    interface Stage {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Runs stages until all have ended.
     *
     * @param belts what the stages wait for
     * @param own the stage of this thread
     * @param others stages that get threads of their own, by name
     * @throws InterruptedException if this thread was interrupted; it stays so
     */
    static void run(List<Belt> belts, Stage own, Map<String, Stage> others)
            throws IOException, InterruptedException {
        StageThreads stages = new StageThreads(belts);
        others.forEach((name, stage) -> stages.threads.add(
                Thread.ofPlatform().name(name).unstarted(() -> stages.run(stage))));
        stages.run(() -> {
            stages.threads.forEach(Thread::start); // there may be no room for one
            own.run();
        });
        stages.join();
        stages.rethrow();
    }

    private void run(Stage stage) {
        try {
            stage.run();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stop(interrupted);
        } catch (Throwable failed) {
            stop(failed);
        }
    }

    private synchronized void stop(Throwable failed) {
        if (first == null) {
            first = failed;
        } else if (!(failed instanceof CancellationException)) {
            first = Closes.first(first, failed);
        }
        belts.forEach(Belt::stop);
        threads.forEach(Thread::interrupt); // one may wait for a pipe that nobody reads
    }

    private void join() {
        boolean wasInterrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException interrupted) {
                    wasInterrupted = true;
                    stop(interrupted);
                }
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void rethrow() throws IOException, InterruptedException {
        Closes.rethrow(first);
    }
}
