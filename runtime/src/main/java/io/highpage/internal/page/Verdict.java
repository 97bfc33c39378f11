// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

/** What an operation may do with a page, or why it may not; {@link Rules} gives it. */
public enum Verdict {
    /**
     * It is where the operation needs it, and may be counted there. A writer's count on a device is
     * also the end of a valid home.
     */
    IN_PLACE,
    /** It may be locked and brought there. */
    MOVE,
    /** It is at home and on a device: the operation ends that, and has it at home alone. */
    DROP,
    /** It is free on another device: it may be brought home, and from there on. */
    HOME_FIRST,
    /**
     * It is in place, but a pin or access waits for it: give way for a while, then count it all the
     * same.
     */
    WANTED,
    /** Wait: another operation is moving it. */
    MOVING,
    /** Wait for the holds that keep it. */
    HELD,
    /** Wait for the pins that keep it, or the whole buffer. */
    PINNED,
    /** Wait for the accesses that keep it. */
    ACCESSED,
    /** Wait for a holder of the operation's own kind: no more of them can be counted. */
    COUNT_FULL,
    /** The buffer is closed, or is closing: wait, as the close may yet be refused. */
    CLOSING,
    /** No: its bytes are gone. */
    LOST,
    /** No: its device is gone, and its bytes with it; the operation marks it {@link #LOST}. */
    LOSE,
    /** No: it is somewhere else, and this operation does not bring it from there. */
    ELSEWHERE
}
