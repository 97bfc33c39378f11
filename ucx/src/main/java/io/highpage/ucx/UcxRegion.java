// SPDX-License-Identifier: Apache-2.0
package io.highpage.ucx;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.Registration;

import org.openucx.jucx.UcxException;
import org.openucx.jucx.ucp.UcpContext;
import org.openucx.jucx.ucp.UcpMemMapParams;
import org.openucx.jucx.ucp.UcpMemory;

import java.lang.foreign.MemorySegment;

/**
 * The memory of a pin, registered with UCX: for zero-copy sends, and for remote reads and writes.
 * While it is open the pin cannot be closed. Whether the frames are held too depends on the
 * transports that UCX chooses (InfiniBand holds them, TCP does not), and UCX does not tell: so the
 * pin's strength stays what it was. Thread-safe.
 *
 * <pre>{@code
 * try (Pin pin = buffer.pin(Pin.longTerm().owner("tx"));
 *         UcxRegion region = UcxRegion.register(context, pin, "tx")) {
 *     UcpRequest sent = endpoint.sendTaggedNonBlocking(
 *             region.memory().getAddress(), region.memory().getLength(), tag, callback);
 *     worker.progressRequest(sent);
 * }
 * }</pre>
 */
public final class UcxRegion implements AutoCloseable {
    private final Registration registration;
    private final UcpContext context;
    private final UcpMemory memory;

    private UcxRegion(Registration registration, UcpContext context, UcpMemory memory) {
        this.registration = registration;
        this.context = context;
        this.memory = memory;
    }

    /**
     * Registers a pin's memory.
     *
     * @param context the context, which has to outlive the region
     * @param pin an open pin that does not only {@linkplain Pin#mode read}: whoever has the
     *     region's key may write to its memory
     * @param name what to call the context in messages
     * @return the region
     * @throws UcxException if UCX refuses; nothing is registered then
     * @throws IllegalArgumentException if the pin only reads
     * @throws IllegalStateException if the pin or the context is closed
     * @throws WrongThreadException if the pin is confined to another thread
     */
    public static UcxRegion register(UcpContext context, Pin pin, String name) {
        MemorySegment segment = pin.segment();
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(pin + " was taken to read only, and UCX may write to"
                    + " what is registered: take it with terms in mode READ_WRITE");
        }
        if (context.getNativeId() == null) { // jucx would say NullPointerException
            throw new IllegalStateException("the UCX context '" + name + "' is closed");
        }
        Registration registration = pin.register(Keeper.named("UCX context '" + name + "'"));
        try {
            UcpMemMapParams whole = new UcpMemMapParams()
                    .setAddress(segment.address())
                    .setLength(segment.byteSize());
            return new UcxRegion(registration, context, context.memoryMap(whole));
        } catch (RuntimeException | Error refused) {
            registration.close();
            throw refused;
        }
    }

    /**
     * {@return UCX's own object, for requests and remote keys; deregistering it is this region's
     * part}
     *
     * @throws IllegalStateException if the region is closed
     */
    public UcpMemory memory() {
        if (!registration.isOpen()) {
            throw new IllegalStateException(
                    "the region of " + registration.keeper().name() + " is closed");
        }
        return memory;
    }

    /**
     * Deregisters the memory, then lets the pin go. Requests on it must have ended. A second call
     * does nothing.
     *
     * @throws UcxException if UCX fails to deregister; the pin then stays registered
     * @throws IllegalStateException if the context was closed before. UCX can then not be asked any
     *     more, and whether it still holds the memory is not known: the pin stays registered for
     *     good
     */
    @Override
    public synchronized void close() {
        if (registration.isOpen()) {
            if (memory.getNativeId() != null) { // else the program has deregistered it itself
                if (context.getNativeId() == null) { // UCX would crash
                    throw new IllegalStateException("the context of "
                            + registration.keeper().name()
                            + " was closed before this region: whether UCX still holds "
                            + registration.pin()
                            + " is not known, so it stays registered; close regions first");
                }
                memory.deregister();
            }
            registration.close();
        }
    }
}
