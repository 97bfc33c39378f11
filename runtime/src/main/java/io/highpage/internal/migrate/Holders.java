// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

/** Knows who keeps the pages of a runtime's buffers. Asked when something is in the way. */
public interface Holders {
    /** Of a runtime of which nobody knows holders. */
    Holders UNKNOWN = new Holders() {
        @Override
        public boolean ownHolder(Pages pages, long page) {
            return false;
        }

        @Override
        public String named(Pages pages, long page) {
            return "";
        }

        @Override
        public String named() {
            return "";
        }
    };

    /**
     * {@return whether a holder that the calling thread has open keeps a page of a buffer: the
     * thread is then in its own way}
     */
    boolean ownHolder(Pages pages, long page);

    /** {@return the registered holders that keep a page, for messages; empty if there are none} */
    String named(Pages pages, long page);

    /** {@return all that are registered, for messages; empty if there are none} */
    String named();
}
