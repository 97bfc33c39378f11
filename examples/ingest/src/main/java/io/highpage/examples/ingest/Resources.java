// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was opened, closed in the opposite order. Confined to one thread. */
final class Resources implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** {@return what is given, which this closes from now on} */
    <T extends AutoCloseable> T add(T opened) {
        open.push(opened);
        return opened;
    }

    /** Closes all, also where some of it fails. */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception failed) {
                if (first == null) {
                    first = new IllegalStateException("cannot close: " + failed, failed);
                } else {
                    first.addSuppressed(failed);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
