// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.retrace;

import io.highpage.cli.console.UserError;
import io.highpage.cli.recording.Recorded;
import io.highpage.cli.replay.ProgramStep;

import org.jspecify.annotations.Nullable;

/** What can have happened: bytes of a recording may have changed since it was written. */
final class Plausible {
    private Plausible() {}

    /**
     * Checks that pages and bytes are within their buffer.
     *
     * @param it what is said to have happened
     * @param buffer the buffer, null if its allocation was not recorded
     * @throws UserError if it cannot have happened
     */
    static void check(Recorded it, ProgramStep.@Nullable Open buffer) {
        boolean isPlausible = switch (it) {
            case Recorded.BufferAllocation made ->
                made.byteSize() > 0
                        && Long.bitCount(made.pageBytes()) == 1
                        && made.pageBytes() > 0
                        && made.spanBytes() > 0;
            case Recorded.Move moved -> pages(buffer, moved.firstPage(), moved.pages());
            case Recorded.Migration moved -> pages(buffer, moved.firstPage(), moved.pages());
            case Recorded.Rejection no ->
                pages(buffer, no.firstPage(), no.pages()) && pages(buffer, no.page(), 0);
            case Recorded.Eviction gone -> pages(buffer, gone.firstPage(), gone.pages());
            case Recorded.Pin taken -> bytes(buffer, taken.offset(), taken.byteSize());
            case Recorded.Unpin ended -> bytes(buffer, ended.offset(), ended.byteSize());
            case Recorded.Access taken -> bytes(buffer, taken.offset(), taken.byteSize());
            case Recorded.AccessEnd ended -> bytes(buffer, ended.offset(), ended.byteSize());
            default -> true;
        };
        if (!isPlausible) {
            throw UserError.failed(
                    "cannot replay what was recorded, since it cannot have happened: "
                            + it
                            + (buffer == null
                                    ? ""
                                    : " of a buffer of " + buffer.byteSize() + " bytes in pages of "
                                            + buffer.pageBytes())
                            + "; the recording is damaged: copy it again, or record again");
        }
    }

    private static boolean pages(ProgramStep.@Nullable Open buffer, long first, long pages) {
        return buffer == null
                || isWithin(first, pages, Math.ceilDiv(buffer.byteSize(), buffer.pageBytes()));
    }

    private static boolean bytes(ProgramStep.@Nullable Open buffer, long offset, long byteSize) {
        return buffer == null || isWithin(offset, byteSize, buffer.byteSize());
    }

    private static boolean isWithin(long first, long count, long all) {
        return first >= 0 && count >= 0 && first <= all && count <= all - first;
    }
}
