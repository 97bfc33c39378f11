// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

/** Knows the holders of all buffers of a runtime. */
public interface Holders {
    /** Of a runtime of which nobody knows holders. */
    Holders UNKNOWN = new Holders() {
        @Override
        public PageHolders of(long buffer) {
            return page -> false;
        }

        @Override
        public String named() {
            return "";
        }
    };

    /** {@return those of the buffer with a number; of none if it has closed} */
    PageHolders of(long buffer);

    /** {@return all that are registered, for messages; empty if there are none} */
    String named();
}
