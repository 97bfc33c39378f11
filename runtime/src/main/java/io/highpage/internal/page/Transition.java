// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

/**
 * A kind of change of a word: what {@link PageTransition} and {@link BufferTransition} have in
 * common.
 */
interface Transition {

    /** {@return its name} */
    String name();

    /** {@return who makes the change} */
    String actor();

    /** {@return the atomic operation that makes it} */
    String mechanism();

    /** {@return whether it leads from one word to the other} */
    boolean allows(long from, long to);
}
