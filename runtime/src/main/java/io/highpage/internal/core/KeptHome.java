// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.HomeRegistration;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.outcome.HeldRange;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Strength;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A registration of a buffer's home; the buffer has those that are open. */
public final class KeptHome implements HomeRegistration {
    static final String KIND = "home";

    private final ManagedBuffer buffer;
    private final Keeper keeper;
    private final String name;
    private final Strength strength;
    private final Thread thread = Thread.currentThread();
    private final String threadName = thread.getName();
    private final long openedNanos = System.nanoTime();

    /** Asks the keeper who it is, once, as a {@link PinRegistration} does. */
    KeptHome(ManagedBuffer buffer, Keeper keeper) {
        this.buffer = buffer;
        this.keeper = Objects.requireNonNull(keeper, "keeper");
        this.name = Objects.requireNonNull(keeper.name(), "the keeper's name");
        this.strength = Objects.requireNonNull(keeper.strength(), "the keeper's strength");
    }

    @Override
    public PageBuffer buffer() {
        return buffer;
    }

    @Override
    public Keeper keeper() {
        return keeper;
    }

    @Override
    public MemorySegment address() {
        return MemorySegment.ofAddress(buffer.windowAddress());
    }

    @Override
    public boolean isOpen() {
        return buffer.homes().has(this);
    }

    @Override
    public void close() {
        StackRoom.check();
        buffer.homes().remove(this);
    }

    HolderInfo info() {
        return new HeldRange(
                KIND,
                AccessMode.READ_WRITE,
                "",
                threadName,
                thread.threadId(),
                buffer.id(),
                0,
                buffer.byteSize(),
                strength,
                List.of(name),
                Optional.of(Duration.ofNanos(System.nanoTime() - openedNanos)),
                Watch.placeOf(this));
    }

    @Override
    public String toString() {
        return "registration of the home of buffer " + buffer.id() + " with " + name;
    }
}
