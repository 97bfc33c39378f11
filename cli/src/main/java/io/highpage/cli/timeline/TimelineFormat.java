// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recording;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** A kind of file that recordings can be written as. */
public interface TimelineFormat {
    /** {@return how names of its files end, such as {@code .html}} */
    String suffix();

    /**
     * Writes recordings.
     *
     * @param recordings one, or two to be compared, each from its own start
     * @param part what of them is written
     * @param out takes the bytes; the caller closes it
     * @throws IOException if {@code out} cannot take them
     */
    void write(List<Recording> recordings, Part part, OutputStream out) throws IOException;
}
