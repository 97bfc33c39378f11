// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.device.Extent;
import io.highpage.internal.memory.NoRoom;
import io.highpage.internal.memory.Refused;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Why no room could be made: who has it, and whether they may give it up soon. */
final class InTheWay {
    /** A message names the holders of so many spans. */
    private static final int NAMED_MAX = 10;

    private final NoRoom full;
    private final Refused refused;
    private final Holders holders;
    private final List<Resident> held = new ArrayList<>();
    private int warmer; // spans that the operation may not take
    private boolean passes;
    private boolean late; // some could have left, had there been time
    private @Nullable HighpageException failure; // of bringing one home, the first

    InTheWay(NoRoom full, Holders holders) {
        this.full = full;
        this.refused = full.refused().refused();
        this.holders = holders;
    }

    void add(Resident span) {
        if (span.isHeld()) {
            held.add(span);
        }
        passes |= span.passes();
    }

    /** {@return whether there is room, but of no use} */
    boolean isInPieces() {
        return full.refused().isInPieces();
    }

    /** {@return whether somebody holds a part of an extent} */
    boolean isIn(@Nullable Extent extent) {
        return held.stream().anyMatch(span -> span.window.extent() == extent);
    }

    void addWarmer() {
        warmer++;
    }

    void addLate() {
        late = true;
    }

    void addFailure(HighpageException of) {
        failure = failure == null ? of : failure;
    }

    /** {@return others who each time have the room that is made} */
    static InTheWay others(NoRoom full) {
        InTheWay way = new InTheWay(full, Holders.UNKNOWN);
        way.passes = true;
        return way;
    }

    /**
     * {@return whether something is on its way, so that it is worth a look soon} It is, too, where
     * nobody is seen to have the room of a device: whoever had it has just gone, or has it for a
     * window that is not there yet.
     */
    boolean passes() {
        return (passes || isUnexplained()) && !isLost();
    }

    private boolean isUnexplained() {
        return refused.tier() != PageWord.HOME
                && held.isEmpty()
                && warmer == 0
                && !late
                && failure == null;
    }

    /**
     * {@return whether there would be room if all but the calling thread gave up what they hold}
     * That one span cannot come home is no reason not to wait for the others.
     */
    boolean mayLeave() {
        if (held.isEmpty() || isLost()) {
            return false;
        }
        long own = 0;
        for (Resident span : held) {
            own += span.isOwn(holders) ? span.window.byteSize() : 0;
        }
        return own <= refused.limitBytes() - refused.requestedBytes();
    }

    /** {@return whether the device went away meanwhile, so that waiting is of no use} */
    private boolean isLost() {
        return failure instanceof DeviceLostException;
    }

    /** {@return whether a span could not be brought home} */
    boolean hasFailed() {
        return failure != null;
    }

    /** {@return the error for whoever gives up} */
    HighpageException failure() {
        return failure instanceof DeviceLostException lost ? lost : full.failure(words());
    }

    private String words() {
        if (refused.tier() == PageWord.HOME) {
            return holders.named();
        }
        Set<String> words = new LinkedHashSet<>();
        for (Resident span : held.subList(0, Math.min(NAMED_MAX, held.size()))) {
            words.add(span.named(holders));
        }
        if (held.size() > NAMED_MAX) {
            words.add("the holders of " + (held.size() - NAMED_MAX) + " more spans");
        }
        if (warmer > 0) {
            words.add((warmer == 1 ? "a span that is" : warmer + " spans that are")
                    + " used more, or about to be, which a prefetch does not take");
        }
        if (late) {
            words.add(
                    "spans that nobody holds, which were still to leave when the deadline passed");
        }
        if (passes) {
            words.add("operations that are moving pages");
        }
        if (failure != null) {
            words.add("a span that could not be brought home (" + failure.getMessage() + ")");
        }
        return String.join("; ", words);
    }
}
