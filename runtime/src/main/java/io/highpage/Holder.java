// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

/**
 * Something that keeps pages where they are while it is open: a {@link Pin}, a {@link Hold} or a
 * {@link DeviceAccess}.
 *
 * <p>Confined to the thread that took it, unless its {@link Terms} say {@linkplain Terms#shared()
 * shared}.
 */
public sealed interface Holder extends AutoCloseable permits Pin, Hold, DeviceAccess {

    /** {@return the buffer whose pages are kept} */
    PageBuffer buffer();

    /** {@return the first byte of the range in the buffer} */
    long offset();

    /** {@return the length of the range in bytes} */
    long byteSize();

    /** {@return what is done with the bytes, as given in the terms} */
    AccessMode mode();

    /** {@return the owner's name as given in the terms} */
    String owner();

    /** {@return whether it has not been closed yet} */
    boolean isOpen();

    /**
     * Lets the pages go. Its segments throw from then on. A second call does nothing.
     *
     * @throws WrongThreadException if it is confined to another thread that is still alive; when
     *     that thread has died, any thread may close it
     * @throws IllegalStateException if it is shared and a segment is being used by a native call
     *     right now; it then stays open
     */
    @Override
    void close();
}
