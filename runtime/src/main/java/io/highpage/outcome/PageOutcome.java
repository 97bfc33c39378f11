// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/** What an operation did with one page, or why it did nothing. */
public enum PageOutcome {
    /** Moved to where the operation wanted it. */
    MOVED("moved"),
    /** Was already where the operation wanted it. */
    IN_PLACE("already in place"),
    /** A short-term hold keeps it where it is. */
    HELD("held"),
    /** A long-term pin keeps it on the host. */
    PINNED("long-term pinned"),
    /** A device access keeps it on its device. */
    ACCESSED("accessed by a device"),
    /** Another operation was moving it. */
    MOVING("moving"),
    /** It has as many holds, pins or accesses as can be counted (32767 of each kind). */
    COUNT_FULL("count full"),
    /** It is on another device. */
    ON_OTHER_DEVICE("on another device"),
    /** The host had no memory for it. */
    NO_HOST_MEMORY("no host memory"),
    /** The device had no memory for it. */
    NO_DEVICE_MEMORY("no device memory"),
    /** The copy failed; the page is where it was. */
    COPY_FAILED("copy failed"),
    /** Its device is gone, and with it the bytes. */
    DEVICE_LOST("device lost"),
    /** The waiting thread was interrupted. */
    INTERRUPTED("interrupted"),
    /** The buffer was closed. */
    CLOSED("closed"),
    /** The operation ended before it came to this page. */
    NOT_TRIED("not tried");

    private final String text;

    PageOutcome(String text) {
        this.text = text;
    }

    /** {@return the words that messages use} */
    public String text() {
        return text;
    }
}
