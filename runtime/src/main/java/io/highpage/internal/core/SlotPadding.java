// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

/**
 * A cache line before the fields of a {@link HolderSlot}. The garbage collector puts objects of
 * several threads side by side, and two threads that write to one line, or one that writes to what
 * the other reads, hold each other up: pins then take three times as long. A superclass's fields
 * come first, a subclass's last.
 */
@SuppressWarnings("unused")
abstract class SlotPadding {
    private int besideTheHeader; // else a field of the slot would be put there
    private long line0;
    private long line1;
    private long line2;
    private long line3;
    private long line4;
    private long line5;
    private long line6;
    private long line7;

    /** A cache line after the fields. */
    static final class Padded extends HolderSlot {
        private long line0;
        private long line1;
        private long line2;
        private long line3;
        private long line4;
        private long line5;
        private long line6;
        private long line7;

        Padded(boolean listed, boolean whole) {
            super(listed, whole);
        }
    }
}
