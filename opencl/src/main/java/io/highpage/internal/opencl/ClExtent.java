// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.close.Closes;
import io.highpage.internal.log.Log;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * Memory of a device. The owner, and each call that uses it, are counted; the last one that goes
 * gives it back. So a copy that meets {@link #free} is still sound, and one after it is refused.
 * Thread-safe.
 */
abstract class ClExtent implements Extent {
    private final ClContext context;
    private final long byteSize;
    private final UseCount uses = new UseCount();
    private final Once ownUse = new Once(uses::leave);
    private final Once memory = new Once(this::giveBack);
    private final Once contextUse;

    ClExtent(ClContext context, long byteSize) {
        this.context = context;
        this.byteSize = byteSize;
        this.contextUse = context.use();
    }

    /** Takes the memory, once. */
    abstract void take();

    /** Gives the memory back, once. Nothing has been taken if taking it failed. */
    abstract void giveBack();

    /** {@return an extent that has its memory} */
    static Extent withMemory(ClExtent extent) {
        try {
            extent.take();
            return extent;
        } catch (Throwable failure) {
            Closes.rethrow(Closes.step(failure, extent::free));
            throw failure;
        }
    }

    final ClContext context() {
        return context;
    }

    @Override
    public final long byteSize() {
        return byteSize;
    }

    /** {@return an offset that is inside: the driver would crash, or write to what lies behind} */
    final long at(long offset, long bytes) {
        return Objects.checkFromIndexSize(offset, bytes, byteSize);
    }

    final Cl cl() {
        return context.cl();
    }

    final CopyQueues copies() {
        return context.copies();
    }

    /** Has the driver run a command for each run, and waits for all of them. */
    final void run(String what, PageRuns runs, PendingCommands.RunCommand command) {
        whileUsed(() -> PendingCommands.forEach(context, what, null, runs, command));
    }

    /** Uses the memory, which stays until then. */
    final void whileUsed(Runnable work) {
        enter();
        try {
            work.run();
        } finally {
            leave();
        }
    }

    /** {@return a view, if there is still memory to view} */
    final DeviceView viewWhileUsed(Supplier<DeviceView> view) {
        enter();
        try {
            return view.get();
        } finally {
            leave();
        }
    }

    private void enter() {
        if (!uses.enter()) {
            throw new IllegalStateException("this memory of the device has been freed");
        }
    }

    private void leave() {
        uses.leave();
        if (uses.isOver()) {
            try {
                release();
            } catch (RuntimeException failed) { // not the fault of the call that ends here
                Log.warn(ClExtent.class, failed.getMessage());
            }
        }
    }

    @Override
    public void free() {
        ownUse.run();
        if (uses.isOver()) {
            release();
        }
    }

    /**
     * The context last, and only when the driver has the memory back: another thread may be giving
     * it back at this moment.
     */
    private void release() {
        Throwable failed = Closes.step(null, memory);
        if (!memory.isOver()) {
            Closes.rethrow(failed);
            return; // whoever gives it back goes on
        }
        failed = Closes.step(failed, contextUse);
        Closes.rethrow(Closes.step(failed, context::releaseIfUnused));
    }
}
