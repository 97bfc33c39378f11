// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.spark.demo.LoopbackCluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A master and two workers of two cores on this machine, which applications take one or both of.
 */
final class BenchCluster implements AutoCloseable {
    static final int WORKERS = 2;
    private static final int CORES = 2;

    private final LoopbackCluster cluster;

    private BenchCluster(LoopbackCluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Starts it.
     *
     * @param folder for its logs
     */
    static BenchCluster start(Path folder) throws IOException, InterruptedException {
        return new BenchCluster(LoopbackCluster.start(folder, WORKERS, CORES, "1200m"));
    }

    String url() {
        return cluster.masterUrl();
    }

    List<ProcessHandle> executors() {
        return cluster.executors();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
