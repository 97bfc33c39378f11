// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import io.highpage.EvictionPolicy.Candidate;
import io.highpage.EvictionPolicy.Snapshot;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a policy is asked about: filled by one thread, then only read. */
public final class SpanSnapshot implements Snapshot {
    private final String device;
    private final long neededBytes;
    private final UseClock clock;
    private final long now;
    private final List<Candidate> candidates = new ArrayList<>();

    /** A span that may leave. What it stands for is known to whoever made the snapshot. */
    public static final class Span<S> implements Candidate {
        private final S span;
        private final long byteSize;
        private final long dirtyBytes;
        private final long uses;
        private final long lastUse;
        private final double worth;

        private Span(S span, SpanHistory history, UseClock clock, long byteSize, long dirtyBytes) {
            this.span = span;
            this.byteSize = byteSize;
            this.dirtyBytes = dirtyBytes;
            this.uses = history.uses();
            this.lastUse = history.lastUse();
            this.worth = history.worth(clock);
        }

        /** {@return what was put into the snapshot} */
        public S span() {
            return span;
        }

        @Override
        public long byteSize() {
            return byteSize;
        }

        @Override
        public long dirtyBytes() {
            return dirtyBytes;
        }

        @Override
        public long uses() {
            return uses;
        }

        @Override
        public long lastUse() {
            return lastUse;
        }

        @Override
        public double worth() {
            return worth;
        }

        @Override
        public String toString() {
            return span + ", " + byteSize + " bytes, used last at " + lastUse;
        }
    }

    /**
     * An empty snapshot.
     *
     * @param device the name of the device that is full
     * @param neededBytes how much must become free
     * @param clock the device's
     */
    public SpanSnapshot(String device, long neededBytes, UseClock clock) {
        this.device = device;
        this.neededBytes = neededBytes;
        this.clock = clock;
        this.now = clock.now();
    }

    /**
     * Adds a span that may leave.
     *
     * @param span what the caller knows it by
     * @param history its uses on the device
     * @param byteSize what becomes free
     * @param dirtyBytes what must be copied home
     * @return the candidate
     */
    public <S> Span<S> add(S span, SpanHistory history, long byteSize, long dirtyBytes) {
        Span<S> candidate = new Span<>(span, history, clock, byteSize, dirtyBytes);
        candidates.add(candidate);
        return candidate;
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public long neededBytes() {
        return neededBytes;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public List<Candidate> candidates() {
        return Collections.unmodifiableList(candidates);
    }
}
