// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

/**
 * A claim's side of a device access that overwrites its range. What it overwrites is not copied to
 * the device where the end of the range is claimed in one batch: then everything else is claimed,
 * and the bytes are still at home until the batch is published. The access is opened just before
 * that, so that a refusal, whatever its reason, loses nothing.
 */
public interface Overwriter {

    /** {@return the first page that lies in the range with all its bytes} */
    long firstWhole();

    /** {@return the page behind the last such page; not before the first} */
    long endWhole();

    /**
     * Opens the access, of which every page is on the device. What it throws ends the claim, and
     * nothing of the access is open then.
     */
    void open();
}
