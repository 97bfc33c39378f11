// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import java.util.ArrayList;
import java.util.List;

/** Threads that keep processors busy, as a program's others do. Confined to one thread. */
public final class BusyCores implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();

    private BusyCores(int count) {
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().daemon().name("busy").start(BusyCores::spin));
        }
    }

    /** {@return a thread for each processor} */
    public static BusyCores all() {
        return new BusyCores(Runtime.getRuntime().availableProcessors());
    }

    /** {@return none} */
    public static BusyCores none() {
        return new BusyCores(0);
    }

    private static void spin() {
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
