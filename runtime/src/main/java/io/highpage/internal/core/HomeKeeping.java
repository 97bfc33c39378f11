// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Keeper;
import io.highpage.internal.outcome.HeldRange;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Strength;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a buffer knows of one open registration of its home: who keeps it, not the registration. */
final class HomeKeeping {
    static final String KIND = "home";

    private final Keeper keeper;
    private final String name;
    private final Strength strength;
    private final Thread thread = Thread.currentThread();
    private final String threadName = thread.getName();
    private final long openedNanos = System.nanoTime();
    private volatile Watch.@Nullable Opened opened; // null: nobody watches

    /** Asks the keeper who it is, once, as a {@link KeptPin} does. */
    HomeKeeping(Keeper keeper) {
        this.keeper = Objects.requireNonNull(keeper, "keeper");
        this.name = Objects.requireNonNull(keeper.name(), "the keeper's name");
        this.strength = Objects.requireNonNull(keeper.strength(), "the keeper's strength");
    }

    Keeper keeper() {
        return keeper;
    }

    String name() {
        return name;
    }

    /** The registration has been opened. */
    void watch(KeptHome registration) {
        opened = Watch.opened(registration);
    }

    HolderInfo info(ManagedBuffer buffer) {
        Watch.Opened watched = opened;
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
                watched == null ? List.of() : Watch.callers(watched.where()),
                watched != null && watched.isLost() ? HeldRange.LOST : "");
    }
}
