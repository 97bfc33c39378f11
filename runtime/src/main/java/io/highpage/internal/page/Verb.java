// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import io.highpage.outcome.AccessMode;

/**
 * What an operation does with each page of its range. Some count the page where they need it, the
 * others only bring it there; {@link Rules} says what a page's word means for each. What counts
 * comes in two kinds: one that may write, and one that only reads, and so leaves bytes that are
 * valid in two places as they are.
 */
public enum Verb {
    /** Counted at home. */
    PIN("long-term pin", PageWord.PINS_SHIFT, false),
    /** As PIN; only reads. */
    READ_PIN("long-term pin", PageWord.PINS_SHIFT, true),
    /** Counted at home, or where it is on a coherent device. */
    HOLD("hold", PageWord.HOLDS_SHIFT, false),
    /** As HOLD; only reads. */
    READ_HOLD("hold", PageWord.HOLDS_SHIFT, true),
    /** Counted on the accessing device. */
    ACCESS("device access", PageWord.ACCESSES_SHIFT, false),
    /** As ACCESS; only reads. */
    READ_ACCESS("device access", PageWord.ACCESSES_SHIFT, true),
    /**
     * Counted on a private device where no access is open, for a copy by its driver to the page: a
     * hold by other means. Never moves a page.
     */
    DRIVER_WRITE("copy by the driver", PageWord.HOLDS_SHIFT, false),
    /** As DRIVER_WRITE, for a copy from the page, which is only there. */
    DRIVER_READ("copy by the driver", PageWord.HOLDS_SHIFT, true),
    /** Brought to a device from home, or zeroed there. */
    PREFETCH("prefetch", true),
    /** Brought home from a device, which does not have it any more. */
    EVICT("evict", false),
    /** Left on its device, which alone has it: the memory of its home is given up. */
    DISCARD("giving up of homes", false),
    /** Copied home from the device that alone has it, which has it still; in the background. */
    CLEAN("write back ahead", true),
    /** Brought from home to the device that its buffer prefers; in the background. */
    GO_BACK("going back", true);

    private final String text;
    private final int shift;
    private final long one;
    private final long full;
    private final boolean leavesBoth;

    Verb(String text, int shift, boolean leavesBoth) {
        this.text = text;
        this.shift = shift;
        this.one = 1L << shift;
        this.full = PageWord.COUNT_MAX << shift;
        this.leavesBoth = leavesBoth;
    }

    Verb(String text, boolean leavesBoth) {
        this.text = text;
        this.shift = -1;
        this.one = 0;
        this.full = -1; // no word has all bits
        this.leavesBoth = leavesBoth;
    }

    /** {@return the pin that a holder in some mode needs} */
    public static Verb pin(AccessMode mode) {
        return mode == AccessMode.READ ? READ_PIN : PIN;
    }

    /** {@return the hold that a holder in some mode needs} */
    public static Verb hold(AccessMode mode) {
        return mode == AccessMode.READ ? READ_HOLD : HOLD;
    }

    /** {@return the access that a holder in some mode needs} */
    public static Verb access(AccessMode mode) {
        return mode == AccessMode.READ ? READ_ACCESS : ACCESS;
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

    /** {@return the bits that are all set in a page word whose count of it is full} */
    long full() {
        return full;
    }

    /** {@return whether bytes that it finds or leaves in two places stay valid in both} */
    public boolean leavesBoth() {
        return leavesBoth;
    }

    /**
     * {@return whether nobody waits for it: it takes room and pages from nobody, and waits for
     * nobody}
     */
    public boolean isInBackground() {
        return this == CLEAN || this == GO_BACK;
    }

    /** {@return whether it may copy pages from tier to tier} */
    public boolean copies() {
        return !isByDriver() && this != DISCARD;
    }

    boolean isPin() {
        return this == PIN || this == READ_PIN;
    }

    /** {@return whether it is a hold, also of the device memory where that is coherent} */
    public boolean isHold() {
        return this == HOLD || this == READ_HOLD;
    }

    boolean isAccess() {
        return this == ACCESS || this == READ_ACCESS;
    }

    boolean isByDriver() {
        return this == DRIVER_WRITE || this == DRIVER_READ;
    }
}
