// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/** Where a page's bytes are. */
public enum Residency {
    /** Never written; reads as zero and takes no memory anywhere. */
    ABSENT('.'),
    /** In the buffer's host window. */
    HOST('H'),
    /** In device memory; perhaps its bytes are valid in the host window too. */
    DEVICE('D'),
    /** On its way between host and device right now. */
    MOVING('>'),
    /** Its device is gone, and with it the bytes. */
    LOST('x');

    private final char letter;

    Residency(char letter) {
        this.letter = letter;
    }

    /** {@return the one-letter form that residency maps use: {@code . H D > x}} */
    public char letter() {
        return letter;
    }
}
