// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.PinRegistration;

/**
 * Says that a {@link Keeper} keeps the memory of a pin; see {@link Pin#register}. Belongs to the
 * keeper, not to the pin: it is closed when the keeper has let the memory go, and not before.
 * Thread-safe.
 */
public sealed interface Registration extends AutoCloseable permits PinRegistration {

    /** {@return the pin whose memory is kept; it cannot be closed while this is open} */
    Pin pin();

    /** {@return who keeps it} */
    Keeper keeper();

    /** {@return whether it has not been closed yet} */
    boolean isOpen();

    /** Says that the keeper has let the memory go. Any thread may; a second call does nothing. */
    @Override
    void close();
}
