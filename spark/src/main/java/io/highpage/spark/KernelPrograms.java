// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.KernelException;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelSource;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

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
    private boolean isClosed;

    private record Key(KernelSource source, String name) {}

    KernelPrograms(OpenClDevice device) {
        this.device = device;
    }

    /**
     * Takes a kernel, and compiles it if no task has. Others that want the same one wait meanwhile.
     *
     * @return the use of it, which the caller closes
     * @throws KernelException if it does not compile, or is not in the source
     * @throws InterruptedException if the thread is interrupted while another one compiles it
     */
    Use use(KernelSource source, String name) throws InterruptedException {
        Use use = begin(new Key(source, name));
        try {
            use.compiled.run(); // by the first
            use.compiled.get();
            return use;
        } catch (ExecutionException failed) {
            forget(use);
            Throwable cause = Objects.requireNonNull(failed.getCause());
            if (cause instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) cause; // a compilation throws no other
        } catch (InterruptedException | Error failed) {
            use.close();
            throw failed;
        }
    }

    private synchronized Use begin(Key key) {
        if (isClosed) {
            throw new IllegalStateException("this executor ends");
        }
        Use use = uses.computeIfAbsent(key, Use::new);
        use.users++;
        for (Iterator<Use> all = uses.values().iterator(); uses.size() > KEPT && all.hasNext(); ) {
            Use oldest = all.next();
            if (oldest.users == 0) {
                all.remove();
                oldest.end();
            }
        }
        return use;
    }

    /** The next task tries again: it may have been memory that was missing. */
    private synchronized void forget(Use failed) {
        uses.remove(failed.key, failed);
    }

    /** Gives all of them back; runs that go on keep what they need. */
    @Override
    public synchronized void close() {
        isClosed = true;
        uses.values().forEach(Use::end);
        uses.clear();
    }

    /** A kernel while tasks use it. */
    final class Use implements AutoCloseable {
        private final Key key;
        private final FutureTask<KernelProgram> compiled;
        private int users; // guarded by the programs

        private Use(Key key) {
            this.key = key;
            this.compiled =
                    new FutureTask<>(() -> KernelProgram.compile(device, key.source(), key.name()));
        }

        KernelProgram program() {
            return compiled.resultNow();
        }

        /** Ends one of its uses. */
        @Override
        public void close() {
            synchronized (KernelPrograms.this) {
                users--;
            }
        }

        /** What is being compiled now is left to the process's end. */
        private void end() {
            if (compiled.state() == Future.State.SUCCESS) {
                program().close();
            }
        }
    }
}
