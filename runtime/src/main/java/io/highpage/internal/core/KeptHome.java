// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.HomeRegistration;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.internal.jvm.StackRoom;

import java.lang.foreign.MemorySegment;

/** A registration of a buffer's home; the buffer has what those that are open keep. */
public final class KeptHome implements HomeRegistration {
    private final ManagedBuffer buffer;
    private final HomeKeeping keeping;

    KeptHome(ManagedBuffer buffer, HomeKeeping keeping) {
        this.buffer = buffer;
        this.keeping = keeping;
    }

    HomeKeeping keeping() {
        return keeping;
    }

    @Override
    public PageBuffer buffer() {
        return buffer;
    }

    @Override
    public Keeper keeper() {
        return keeping.keeper();
    }

    @Override
    public MemorySegment address() {
        return MemorySegment.ofAddress(buffer.windowAddress());
    }

    @Override
    public boolean isOpen() {
        return buffer.homes().has(keeping);
    }

    @Override
    public void close() {
        StackRoom.check();
        buffer.homes().remove(this);
    }

    @Override
    public String toString() {
        return "registration of the home of buffer " + buffer.id() + " with " + keeping.name();
    }
}
