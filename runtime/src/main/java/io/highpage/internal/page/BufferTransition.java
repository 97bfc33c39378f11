// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static io.highpage.internal.page.BufferWord.CLOSED;
import static io.highpage.internal.page.BufferWord.ONE_WHOLE_PIN;
import static io.highpage.internal.page.BufferWord.PAGES_MAX;
import static io.highpage.internal.page.BufferWord.away;

import io.highpage.internal.page.BufferWord.State;

/**
 * Every legal change of a buffer word, once, as {@link PageTransition} has those of a page word.
 * All are compare-and-sets: none goes over a change that it has not seen.
 */
public enum BufferTransition implements Transition {
    /** One whole-buffer pin more, while every page is at home. */
    PIN_WHOLE("whole-buffer pin") {
        @Override
        boolean changes(long from, long to) {
            return in(from, State.AT_HOME, State.WHOLE_PINNED) && to - from == ONE_WHOLE_PIN;
        }
    },
    /** One whole-buffer pin less. */
    UNPIN_WHOLE("closing whole-buffer pin") {
        @Override
        boolean changes(long from, long to) {
            return in(from, State.WHOLE_PINNED) && from - to == ONE_WHOLE_PIN;
        }
    },
    /** Pages are counted as away, before they leave. */
    LEAVE("move to a device") {
        @Override
        boolean changes(long from, long to) {
            return in(from, State.AT_HOME, State.AWAY) && isMore(from, to);
        }
    },
    /** Pages are taken off again, after they were published at home, or when they did not leave. */
    COME_HOME("any operation that moves") {
        @Override
        boolean changes(long from, long to) {
            return in(from, State.AWAY, State.CLOSED) && isMore(to, from);
        }
    },
    /** Nobody pins the whole buffer and no page leaves any more. */
    CLOSE("closing buffer") {
        @Override
        boolean changes(long from, long to) {
            return in(from, State.AT_HOME, State.AWAY) && to == (from | CLOSED);
        }
    },
    /** The close was refused. */
    REOPEN("closing buffer") {
        @Override
        boolean changes(long from, long to) {
            return in(from, State.CLOSED) && from == (to | CLOSED);
        }
    };

    private final String actor;

    BufferTransition(String actor) {
        this.actor = actor;
    }

    @Override
    public String actor() {
        return actor;
    }

    @Override
    public String mechanism() {
        return "compare-and-set";
    }

    /** The part that is this transition's own; both words are sound. */
    abstract boolean changes(long from, long to);

    @Override
    public boolean allows(long from, long to) {
        return from != to && !in(from, State.BROKEN) && !in(to, State.BROKEN) && changes(from, to);
    }

    private static boolean in(long word, State... states) {
        State state = BufferWord.state(word);
        for (State each : states) {
            if (state == each) {
                return true;
            }
        }
        return false;
    }

    /**
     * {@return whether only the pages away differ, and {@code more} has more of them, within what a
     * buffer can have}
     */
    private static boolean isMore(long less, long more) {
        return (less ^ more) >>> BufferWord.WHOLE_PINS_SHIFT == 0
                && away(more) > away(less)
                && away(more) - away(less) <= PAGES_MAX;
    }
}
