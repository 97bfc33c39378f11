// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.opencl.OpenClDevice;
import io.highpage.spark.TaskPages;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A kernel over a file by JOCL, on the device that Highpage has in this executor. */
final class JoclTask extends FileTask {
    private static final long serialVersionUID = 1;

    /** What this executor has made and no task uses; it ends with the process. */
    private static final Map<BenchKernel, Queue<JoclEngine>> IDLE = new ConcurrentHashMap<>();

    private final BenchKernel kernel;
    private final boolean isKept;

    /**
     * Makes one.
     *
     * @param isKept whether an executor keeps what tasks need for other tasks, which a good program
     *     does; else each task makes its own, as a simple one does
     */
    JoclTask(BenchKernel kernel, boolean isKept, Path outputs) {
        super(outputs);
        this.kernel = kernel;
        this.isKept = isKept;
    }

    @Override
    void work(FileChannel in, FileChannel out) throws IOException {
        if (!isKept) {
            try (JoclEngine engine = make()) {
                engine.run(in, out);
            }
            return;
        }
        Queue<JoclEngine> idle = IDLE.computeIfAbsent(kernel, any -> new ConcurrentLinkedQueue<>());
        JoclEngine found = idle.poll();
        JoclEngine engine = found == null ? make() : found;
        engine.run(in, out); // one that fails is not used again
        idle.add(engine);
    }

    private JoclEngine make() {
        return new JoclEngine((OpenClDevice) TaskPages.ofThisTask().device().memory(), kernel);
    }
}
