// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.pipe;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.PageRange;
import io.highpage.internal.close.Closes;
import io.highpage.outcome.Terms;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What one launch of a kernel uses, which ends with it. Used by one thread at a time. */
public final class OpenAccesses implements AutoCloseable {
    private final List<DeviceAccess> accesses = new ArrayList<>();
    private final List<CompletableFuture<Void>> closing = new ArrayList<>();

    /** None so far. */
    public OpenAccesses() {}

    /**
     * Takes one.
     *
     * @param range what the kernel uses
     * @param terms shared ones
     * @param device where it runs
     */
    public void add(PageRange range, Terms terms, Device device) {
        accesses.add(range.access(terms, device));
    }

    /** {@return those that were taken and are open} */
    public List<DeviceAccess> all() {
        return List.copyOf(accesses);
    }

    /** From now on they take no more work, and end with what they were told of. */
    public void endWithTheirWork() {
        accesses.forEach(access -> closing.add(access.closeAsync()));
    }

    /** Waits for their work, by its event, not in the driver; {@link #close} tells of failures. */
    public void await() {
        for (CompletableFuture<Void> each : closing) {
            try {
                each.join(); // no stage: the executor of those may be full
            } catch (CompletionException failed) {
                // The close tells.
            }
        }
    }

    /**
     * Waits for their work, and tells if it failed. If it is not known whether it has ended, they
     * stay, and the next call waits again.
     */
    @Override
    public void close() {
        Throwable failed = null;
        for (CompletableFuture<Void> each : closing) {
            failed = Closes.step(failed, () -> told(each));
        }
        closing.clear();
        for (DeviceAccess access : accesses) {
            failed = Closes.step(failed, access::close); // those that are still open
        }
        accesses.removeIf(access -> !access.isOpen());
        Closes.rethrow(failed);
    }

    /** {@return whether none is open} */
    public boolean isEmpty() {
        return accesses.isEmpty();
    }

    private static void told(CompletableFuture<Void> closing) {
        try {
            closing.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }
}
