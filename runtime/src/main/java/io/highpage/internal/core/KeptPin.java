// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Keeper;
import io.highpage.internal.os.FrameNumbers;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/** What a pin knows of one open registration: who keeps its memory. */
final class KeptPin {
    private final Keeper keeper;
    private final String name;
    private final Strength strength;
    private long[] frames = {}; // as first seen when the keeper kept them, if the kernel tells them

    /**
     * Asks the keeper who it is, once: reports and closes must not depend on what a bridge answers
     * later.
     */
    KeptPin(Keeper keeper) {
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

    Strength strength() {
        return strength;
    }

    /**
     * {@return whether the keeper keeps the pin's memory, and if it holds frames, whether they are
     * those first seen}
     */
    Verification verify(MemorySegment range) {
        Verification answer = keeper.verify(range);
        if (!answer.isConfirmed() || strength != Strength.KERNEL_HELD) {
            return answer;
        }
        return FrameNumbers.of(range)
                .map(now -> answer.and(compare(now)))
                .orElseGet(() -> Verification.of(
                        Verdict.CONFIRMED,
                        answer.evidence()
                                + "; page frame numbers: not told to this process"
                                + " (CAP_SYS_ADMIN)"));
    }

    private synchronized Verification compare(long[] now) {
        if (frames.length == 0) {
            frames = now;
            return Verification.of(
                    Verdict.CONFIRMED,
                    "page frame numbers: " + now.length + ", seen for the first time");
        }
        int moved = Arrays.mismatch(frames, now);
        return moved < 0
                ? Verification.of(
                        Verdict.CONFIRMED, "page frame numbers: " + now.length + ", as first seen")
                : Verification.of(
                        Verdict.REFUTED,
                        "page frame numbers: base page " + moved + " of the range was in frame "
                                + frames[moved] + " and is in frame " + now[moved]);
    }
}
