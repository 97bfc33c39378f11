// SPDX-License-Identifier: Apache-2.0
package io.highpage.jmh;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.Residency;

/** Where the pages of a {@link BufferState} are when an iteration or an invocation starts. */
public enum Start {
    /**
     * Never written, in a new buffer: the first touch of each page pays for its memory, which the
     * system gives and clears then.
     */
    ABSENT(Residency.ABSENT) {
        @Override
        PageBuffer putBack(Highpage highpage, PageBuffer buffer) {
            long bytes = buffer.byteSize();
            long page = buffer.pageBytes();
            buffer.close();
            return highpage.allocate(bytes, page);
        }
    },
    /** In host memory only, which has been written before: no touch pays for memory. */
    HOME(Residency.HOST) {
        @Override
        PageBuffer putBack(Highpage highpage, PageBuffer buffer) {
            buffer.evict();
            return buffer;
        }
    },
    /** On the device only, as after a kernel that wrote: coming home costs a copy. */
    DEVICE(Residency.DEVICE) {
        @Override
        PageBuffer putBack(Highpage highpage, PageBuffer buffer) {
            buffer.access(highpage.device(), AccessMode.READ_WRITE).close();
            return buffer;
        }
    },
    /** On the device, and valid at home: coming home to be read costs no copy. */
    BOTH(Residency.DEVICE) {
        @Override
        PageBuffer putBack(Highpage highpage, PageBuffer buffer) {
            buffer.evict();
            buffer.prefetch(highpage.device());
            return buffer;
        }
    };

    private final Residency residency;

    Start(Residency residency) {
        this.residency = residency;
    }

    /** {@return the buffer, or the one in its place, with its pages where they are to be} */
    abstract PageBuffer putBack(Highpage highpage, PageBuffer buffer);

    /**
     * {@return the buffer, or the one in its place, after its pages were put back}
     *
     * @throws IllegalStateException if some are elsewhere; says how many, and what usually keeps
     *     them there
     */
    PageBuffer putBackAll(Highpage highpage, PageBuffer buffer) {
        HighpageException failed = null;
        PageBuffer back = buffer;
        try {
            back = putBack(highpage, buffer);
        } catch (HighpageException failure) {
            failed = failure;
        }
        long elsewhere = back.pageCount() - back.residency().count(residency);
        if (failed != null || elsewhere > 0) {
            throw new IllegalStateException(
                    "start=" + this + ": " + elsewhere + " of " + back.pageCount()
                            + " pages are elsewhere (" + back.residency().picture(32)
                            + "): a benchmark closes its pins, holds and accesses before its method"
                            + " ends, or in a @TearDown of the same level; and the device must have"
                            + " room for the buffer",
                    failed);
        }
        return back;
    }
}
