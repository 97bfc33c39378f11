// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.UserError;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Stages that work at the same time, one in the calling thread. The first failure stops all; then
 * it is thrown.
 */
final class Stages {
    private final List<Belt> belts;
    private final List<Thread> threads = new ArrayList<>();

    /** Guarded by this. */
    private @Nullable Throwable first;

    private Stages(List<Belt> belts) {
        this.belts = belts;
    }

    /** What a stage does. It ends early when a belt that it waits for stops. */
    @FunctionalInterface
    interface Stage {
        void run() throws InterruptedException;
    }

    /**
     * Runs stages until all have ended.
     *
     * @param belts what the stages wait for
     * @param own the stage of this thread
     * @param others stages that get threads of their own, by name
     * @throws UserError if this thread was interrupted, which it then stays
     */
    static void run(List<Belt> belts, Stage own, Map<String, Stage> others) {
        Stages stages = new Stages(belts);
        others.forEach((name, stage) -> stages.threads.add(
                Thread.ofPlatform().name(name).unstarted(() -> stages.run(stage))));
        stages.threads.forEach(Thread::start);
        stages.run(own);
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
            first.addSuppressed(failed);
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

    private synchronized void rethrow() {
        switch (first) {
            case null -> {}
            case RuntimeException failed -> throw failed;
            case Error failed -> throw failed;
            // Only waiting, for a belt or for the other stages, throws a checked one.
            default -> throw UserError.failed("interrupted; the outputs were not written", first);
        }
    }
}
