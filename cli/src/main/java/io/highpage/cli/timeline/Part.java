// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.recording.Moment;
import io.highpage.cli.recording.Recording;

import java.util.function.Predicate;

/**
 * What is shown of each recording.
 *
 * @param from nanoseconds from its start
 * @param to the same, more than {@code from}; {@link Long#MAX_VALUE} for its end
 */
public record Part(long from, long to) {
    /** All of it. */
    public static final Part ALL = new Part(0, Long.MAX_VALUE);

    /**
     * {@return what is in it of what happened in a recording}
     *
     * @throws UserError if the recording has ended by then
     */
    public Predicate<Moment> in(Recording recording) {
        return of(recording)::meets;
    }

    /**
     * {@return the time of a recording that this is}
     *
     * @throws UserError if the recording has ended by then
     */
    Axis of(Recording recording) {
        long nanos = recording.nanos();
        if (from >= nanos) {
            throw UserError.failed("RECORDING " + recording.path() + " ends after "
                    + Units.seconds(nanos) + ", before --from " + Units.seconds(from));
        }
        return new Axis(from, Math.min(to, nanos), !equals(ALL));
    }
}
