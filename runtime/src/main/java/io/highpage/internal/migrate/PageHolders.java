// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

/** Knows who keeps a page. */
@FunctionalInterface
public interface PageHolders {
    /**
     * {@return whether a holder that the calling thread has open keeps the page: it is then in its
     * own way}
     */
    boolean ownHolder(long page);

    /**
     * {@return the registered holders that keep the page, for messages; empty if there are none}
     */
    default String named(long page) {
        return "";
    }
}
