// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.AccessMode;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Terms;
import io.highpage.device.Completion;
import io.highpage.device.DeviceView;
import io.highpage.internal.memory.DeviceSlot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A device access. */
public final class OpenAccess extends RangeHolder implements DeviceAccess {
    static final String KIND = "access";

    private final DeviceSlot device;
    private final AccessMode mode;
    private final DeviceView view;
    private final MemorySegment segment;
    private final ConcurrentLinkedQueue<Completion> completions = new ConcurrentLinkedQueue<>();
    private volatile boolean told;

    private OpenAccess(
            ManagedBuffer buffer,
            Terms terms,
            DeviceSlot device,
            AccessMode mode,
            Arena arena,
            MemorySegment home,
            DeviceView view,
            HolderSlot slot) {
        super(buffer, terms, arena, home, slot);
        this.device = device;
        this.mode = mode;
        this.view = view;
        this.segment = view.segment() == null ? null : limited(scoped(view.segment(), arena), mode);
    }

    /** Wraps counts, a view and a slot that have been taken. */
    static OpenAccess of(
            ManagedBuffer buffer,
            Terms terms,
            DeviceSlot device,
            AccessMode mode,
            long offset,
            long byteSize,
            DeviceView view,
            HolderSlot slot) {
        Arena arena = arena(terms);
        return new OpenAccess(buffer, terms, device, mode, arena, buffer.windowAt(offset, byteSize, arena), view, slot);
    }

    private static MemorySegment limited(MemorySegment segment, AccessMode mode) {
        return mode == AccessMode.READ ? segment.asReadOnly() : segment;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public AccessMode mode() {
        return mode;
    }

    @Override
    public MemorySegment segment() {
        checkOpen();
        if (segment == null) {
            throw new UnsupportedOperationException("device " + device + " has no pointers: use handle() ("
                    + device.memory().description() + ")");
        }
        return segment;
    }

    @Override
    public MemorySegment handle() {
        checkOpen();
        if (view.handle() == null) {
            throw new UnsupportedOperationException("device " + device + " hands out pointers: use segment() ("
                    + device.memory().description() + ")");
        }
        return view.handle();
    }

    @Override
    public void completesWith(Completion completion) {
        Objects.requireNonNull(completion, "completion");
        checkOpen();
        told = true;
        completions.add(completion);
    }

    @Override
    String kind() {
        return KIND;
    }

    @Override
    RuntimeException quiesce() {
        RuntimeException first = null;
        if (!told) {
            return failureOf(device, device.memory()::quiesce);
        }
        // Removed only after the wait: another thread that closes at the same time must not find the queue empty early.
        for (Completion next = completions.peek(); next != null; next = completions.peek()) {
            RuntimeException failed = failureOf(device, next);
            first = first == null ? failed : first;
            completions.remove(next);
        }
        return first;
    }

    /** A completion returns or throws when its work has ended, whatever it throws. */
    private static RuntimeException failureOf(DeviceSlot device, Completion work) {
        try {
            work.await();
            return null;
        } catch (RuntimeException failed) {
            device.note(failed);
            return failed;
        }
    }

    @Override
    void releasePages() {
        try {
            view.release().run();
        } finally {
            buffer.unaccess(offset(), byteSize());
        }
    }
}
