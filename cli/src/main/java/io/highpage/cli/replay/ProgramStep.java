// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import io.highpage.outcome.AccessMode;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * One step of a program: what it did to a buffer, and what came of it. Buffers and slots are
 * numbers of the trace, devices are numbered from 1, and 0 is home. Immutable.
 */
public sealed interface ProgramStep {

    /** {@return the step as trace files have it, without its number} */
    String text();

    /** {@return whether what came of it depended on steps of other threads at the same time} */
    default boolean overlaps() {
        return false;
    }

    /**
     * Pages of a buffer.
     *
     * @param buffer the buffer's number
     * @param page the first page
     * @param count how many, at least one
     */
    record Pages(long buffer, long page, long count) {
        @Override
        public String toString() {
            return "buffer=" + buffer + " " + page + " " + count;
        }
    }

    /**
     * A buffer was allocated.
     *
     * @param buffer its number
     * @param byteSize its length in bytes
     * @param pageBytes the length of its pages
     * @param spanBytes the length of its spans
     */
    record Open(long buffer, long byteSize, long pageBytes, long spanBytes) implements ProgramStep {
        @Override
        public String text() {
            return "open buffer=" + buffer + " bytes=" + byteSize + " page=" + pageBytes + " span="
                    + spanBytes;
        }
    }

    /**
     * A buffer was closed.
     *
     * @param buffer its number
     */
    record Close(long buffer) implements ProgramStep {
        @Override
        public String text() {
            return "close buffer=" + buffer;
        }
    }

    /**
     * The CPU wrote pages.
     *
     * @param pages which
     */
    record Write(Pages pages) implements ProgramStep {
        @Override
        public String text() {
            return TraceOperation.CPU_WRITE.word() + " " + pages;
        }
    }

    /**
     * Pages were to go to a device, or home, as far as they could.
     *
     * @param pages which
     * @param device where to; 0 is home
     * @param moved how many went
     * @param overlaps whether others were at the same pages at the same time
     */
    record Move(Pages pages, int device, long moved, boolean overlaps) implements ProgramStep {
        @Override
        public String text() {
            TraceOperation to = device == 0 ? TraceOperation.TO_HOST : TraceOperation.TO_DEVICE;
            return to.word() + " " + pages + (device == 0 ? "" : " device=" + device) + " moved="
                    + moved + (overlaps ? " overlaps" : "");
        }
    }

    /** What takes pages. */
    enum Kind {
        /** A long-term pin. */
        PIN("pin_long"),
        /** A short-term hold. */
        HOLD("get"),
        /** An access of a device. */
        ACCESS("access");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** {@return its name in trace files} */
        public String word() {
            return word;
        }
    }

    /**
     * Pages were to be pinned, held or accessed.
     *
     * @param kind as what
     * @param pages which
     * @param device whose access it is; else 0
     * @param hold the slot that the holder is kept in
     * @param terms what was said about it
     * @param result what came of it
     */
    record Take(Kind kind, Pages pages, int device, int hold, TakeTerms terms, Result result)
            implements ProgramStep {
        @Override
        public boolean overlaps() {
            return result.overlaps();
        }

        @Override
        public String text() {
            return kind.word + " " + pages + (device == 0 ? "" : " device=" + device) + " hold="
                    + hold + " mode=" + terms.mode().name().toLowerCase(Locale.ROOT) + " owner="
                    + encoded(terms.owner()) + " " + result;
        }
    }

    /**
     * What a holder is taken with.
     *
     * @param mode what it does with the bytes
     * @param owner what the program called it
     */
    record TakeTerms(AccessMode mode, String owner) {}

    /**
     * What came of taking pages.
     *
     * @param refused why not, a {@link io.highpage.outcome.PageOutcome}; empty if they were had
     * @param page the page that it was refused for, if it was
     * @param copied how many pages were copied there for it; empty if that is not known
     * @param overlaps whether others were at the same pages at the same time
     */
    record Result(String refused, long page, OptionalLong copied, boolean overlaps) {
        /** {@return whether the pages were had} */
        public boolean isGranted() {
            return refused.isEmpty();
        }

        @Override
        public String toString() {
            String result = isGranted()
                    ? "ret=0" + (copied.isPresent() ? " copied=" + copied.getAsLong() : "")
                    : "ret=" + refused + " at=" + page;
            return result + (overlaps ? " overlaps" : "");
        }
    }

    /**
     * What a slot had was let go.
     *
     * @param hold the slot
     */
    record Release(int hold) implements ProgramStep {
        @Override
        public String text() {
            return TraceOperation.RELEASE.word() + " hold=" + hold;
        }
    }

    /** {@return a name in which there is no space and nothing else that a line must not have} */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }
}
