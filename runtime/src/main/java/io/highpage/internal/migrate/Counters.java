// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.page.Verb;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PageOutcome;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * What happens in a runtime that is not in place: moves, waits, refusals. One addition each, at the
 * step itself; what is in place is not counted anywhere. What moves by device is counted by the
 * devices. Thread-safe.
 */
public final class Counters {
    /** What refuses nothing, or nothing that is counted. */
    private static final Set<PageOutcome> NO_REASON = EnumSet.of(
            PageOutcome.MOVED, PageOutcome.IN_PLACE, PageOutcome.CLOSED, PageOutcome.NOT_TRIED);

    private final LongAdder waits = new LongAdder();
    private final LongAdder waitNanos = new LongAdder();
    private final LongAdder discarded = new LongAdder();
    private final LongAdder[] rejections = adders(PageOutcome.values().length); // by ordinal
    private final LongAdder[] moved = adders(Verb.values().length); // by ordinal

    private static LongAdder[] adders(int count) {
        return Stream.generate(LongAdder::new).limit(count).toArray(LongAdder[]::new);
    }

    /** An operation waits for the first time. */
    void beginsToWait() {
        waits.increment();
    }

    /** An operation has waited for so long, perhaps not for the last time. */
    void waited(long nanos) {
        waitNanos.add(nanos);
    }

    /** A pin, a hold or an access was refused. */
    public void rejected(PageOutcome reason) {
        rejections[reason.ordinal()].increment();
    }

    /** As {@link #rejected(PageOutcome)}, by a failed step. */
    public void rejected(HighpageException failure) {
        rejected(Failures.outcome(failure));
    }

    /** An operation has brought so many bytes, which were copied. */
    void moved(Verb verb, long bytes) {
        if (bytes > 0) {
            moved[verb.ordinal()].add(bytes);
        }
    }

    /** Homes of so many bytes were given up to make room. */
    void discarded(long bytes) {
        discarded.add(bytes);
    }

    /** {@return how many operations have waited} */
    public long waits() {
        return waits.sum();
    }

    /** {@return how long all of them have waited, in nanoseconds} */
    public long waitNanos() {
        return waitNanos.sum();
    }

    /** {@return the bytes of homes that were given up to make room} */
    public long discardedBytes() {
        return discarded.sum();
    }

    /** {@return how many pins, holds and accesses were refused, by every reason that there is} */
    public Map<PageOutcome, Long> rejections() {
        Map<PageOutcome, Long> all = new EnumMap<>(PageOutcome.class);
        for (PageOutcome reason : PageOutcome.values()) {
            if (!NO_REASON.contains(reason)) {
                all.put(reason, rejections[reason.ordinal()].sum());
            }
        }
        return all;
    }

    /** {@return how many bytes were copied, by what messages call each operation that copies} */
    public Map<String, Long> movedBytes() {
        Map<String, Long> all = new LinkedHashMap<>();
        for (Verb verb : Verb.values()) {
            if (verb.copies()) { // reading or not is one operation
                all.merge(verb.text(), moved[verb.ordinal()].sum(), Long::sum);
            }
        }
        return all;
    }
}
