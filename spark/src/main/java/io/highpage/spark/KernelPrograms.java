// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.KernelException;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelSource;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The kernels that an executor has compiled: each once, for all its tasks, the most recently used
 * ones kept. Thread-safe.
 */
final class KernelPrograms implements AutoCloseable {
    /** So many stay that nobody uses: an application may make sources as it goes. */
    private static final int KEPT = 32;

    private final OpenClDevice device;

    // Guarded by this; the longest unused first.
    private final Map<Key, Use> uses = new LinkedHashMap<>(16, 0.75f, true);

    private record Key(KernelSource source, String name) {}

    KernelPrograms(OpenClDevice device) {
        this.device = device;
    }

    /**
     * Takes a kernel, and compiles it if no task has. Others that want one wait meanwhile.
     *
     * @return the use of it, which the caller closes
     * @throws KernelException if it does not compile, or is not in the source
     */
    synchronized Use use(KernelSource source, String name) {
        Use use = uses.computeIfAbsent(
                new Key(source, name),
                key -> new Use(KernelProgram.compile(device, key.source(), key.name())));
        use.users++;
        for (Iterator<Use> all = uses.values().iterator(); uses.size() > KEPT && all.hasNext(); ) {
            Use oldest = all.next();
            if (oldest.users == 0) {
                oldest.program.close();
                all.remove();
            }
        }
        return use;
    }

    /** Gives all of them back; runs that go on keep what they need. */
    @Override
    public synchronized void close() {
        uses.values().forEach(use -> use.program.close());
        uses.clear();
    }

    /** A kernel while tasks use it. */
    final class Use implements AutoCloseable {
        private final KernelProgram program;
        private int users; // guarded by the programs

        private Use(KernelProgram program) {
            this.program = program;
        }

        KernelProgram program() {
            return program;
        }

        /** Ends one of its uses. */
        @Override
        public void close() {
            synchronized (KernelPrograms.this) {
                users--;
            }
        }
    }
}
