// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import io.highpage.device.DeviceKind;

import java.util.List;

/**
 * A recorded sequence of page operations with the state of every page after each. Immutable.
 *
 * @param file where it was read from, for messages
 * @param line its first line in the file, from 1
 * @param kind the kind of device memory it was recorded with
 * @param pages how many pages it is about
 * @param seed what tells it from the other traces of its kind
 * @param steps the operations in order
 */
public record Trace(
        String file, int line, DeviceKind kind, int pages, long seed, List<TraceStep> steps) {

    /** {@return the letter of a page on this trace's device} */
    public char deviceLetter() {
        return kind == DeviceKind.COHERENT ? 'D' : 'P';
    }

    /** {@return what messages call it, such as {@code coherent.trace:12 (seed 7930)}} */
    public String title() {
        return file + ":" + line + " (seed " + seed + ")";
    }
}
