// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

/**
 * What an operation does with each page of its range. Some count the page where they need it, the
 * others only bring it there; {@link Rules} says what a page's word means for each.
 */
public enum Verb {
    /** Counted at home. */
    PIN("long-term pin", PageWord.PINS_SHIFT),
    /** Counted at home, or where it is on a coherent device. */
    HOLD("hold", PageWord.HOLDS_SHIFT),
    /** Counted on the accessing device. */
    ACCESS("device access", PageWord.ACCESSES_SHIFT),
    /**
     * Counted on a private device where no access is open, for a copy by its driver: a hold by
     * other means. Never moves a page.
     */
    DRIVER_COPY("copy by the driver", PageWord.HOLDS_SHIFT),
    /** Brought to a device from home, or zeroed there. */
    PREFETCH("prefetch"),
    /** Brought home from a device. */
    EVICT("evict");

    private final String text;
    private final int shift;
    private final long one;

    Verb(String text, int shift) {
        this.text = text;
        this.shift = shift;
        this.one = 1L << shift;
    }

    Verb(String text) {
        this.text = text;
        this.shift = -1;
        this.one = 0;
    }

    /** {@return what messages call it} */
    public String text() {
        return text;
    }

    /** {@return whether it counts pages; if not, {@link #shift} means nothing} */
    public boolean counts() {
        return shift >= 0;
    }

    /** {@return where a page word has the count of it} */
    public int shift() {
        return shift;
    }

    /** {@return what it adds to a page word, 0 if it does not count} */
    public long one() {
        return one;
    }
}
