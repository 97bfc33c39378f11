// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Ends the cluster and removes the files of a run, however the run ends. Thread-safe. */
final class Ending implements AutoCloseable {
    private final Scratch scratch;
    private final AtomicReference<BenchCluster> cluster = new AtomicReference<>();
    private final Thread atEnd;

    private Ending(Scratch scratch) {
        this.scratch = scratch;
        atEnd = new Thread(this::atEnd, "bench-spark-end");
    }

    /** {@return what ends a run, also when it is interrupted from the keyboard} */
    static Ending begin(Scratch scratch) throws IOException {
        Ending ending = new Ending(scratch);
        Runtime.getRuntime().addShutdownHook(ending.atEnd);
        quietLog(scratch);
        return ending;
    }

    /** Spark tells much; here into a file, and so do executors. */
    private static void quietLog(Scratch scratch) throws IOException {
        System.setProperty("log4j2.configurationFile", scratch.logSettings().toString());
    }

    Scratch scratch() {
        return scratch;
    }

    /** {@return the cluster, which is then ended too} */
    BenchCluster with(BenchCluster started) {
        cluster.set(started);
        return started;
    }

    private void atEnd() {
        // Also what is just about to start; it writes files.
        List<ProcessHandle> started = ProcessHandle.current().descendants().toList();
        started.forEach(ProcessHandle::destroyForcibly);
        started.forEach(process -> process.onExit().join());
        try {
            end();
        } catch (IOException e) {
            System.err.println("highpage bench spark: " + e.getMessage());
        }
    }

    private synchronized void end() throws IOException {
        BenchCluster started = cluster.getAndSet(null);
        if (started != null) {
            started.close();
        }
        scratch.close();
    }

    @Override
    public void close() throws IOException {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException ends) {
            // It does the same.
        }
    }
}
