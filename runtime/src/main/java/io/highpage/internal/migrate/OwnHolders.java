// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

/** Tells whether the calling thread is in its own way. */
@FunctionalInterface
public interface OwnHolders {
    /** {@return whether a holder that the calling thread has open keeps the page} */
    boolean keep(long page);
}
