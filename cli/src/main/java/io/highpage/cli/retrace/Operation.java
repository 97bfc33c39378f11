// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.retrace;

import io.highpage.cli.recording.Moment;
import io.highpage.cli.replay.ProgramStep;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What a program did, on its way to a step of a trace. */
final class Operation {
    final Moment when;
    final ProgramStep step;
    final String thread;
    /** What moved for it. */
    final List<Moved> moves = new ArrayList<>(0);

    /** Where it stands among the others: behind what it waited for. */
    long at;

    boolean overlaps;

    /** Whether it was a read, a write or a hold, of which only what it moved was told. */
    boolean brief;

    /**
     * Pages that moved for an operation.
     *
     * @param pages the first of them, and how many, at most
     * @param to the page behind the last, if there are no others in between; else one that is not
     *     before that
     * @param device where to; 0 is home
     * @param copied how many of them were copied
     * @param zeroed whether some were zeroed
     */
    record Moved(ProgramStep.Pages pages, long to, int device, long copied, boolean zeroed) {
        long buffer() {
            return pages.buffer();
        }
    }

    Operation(Moment when, ProgramStep step) {
        this.when = when;
        this.step = step;
        this.thread = when.thread();
        this.at = when.start();
    }

    /** {@return the same with another step} */
    Operation with(ProgramStep other) {
        Operation same = new Operation(when, other);
        same.moves.addAll(moves);
        same.at = at;
        same.overlaps = overlaps;
        return same;
    }

    /** {@return the pages that it is about, or null if it is about a buffer or a holder} */
    ProgramStep.@Nullable Pages pages() {
        return switch (step) {
            case ProgramStep.Move move -> move.pages();
            case ProgramStep.Take take -> take.pages();
            default -> null;
        };
    }

    /** {@return whether it is about some of these pages} */
    boolean meets(ProgramStep.Pages other) {
        ProgramStep.Pages own = pages();
        return own != null
                && own.buffer() == other.buffer()
                && own.page() < other.page() + other.count()
                && other.page() < own.page() + own.count();
    }
}
