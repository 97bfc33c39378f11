// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.HomeRegistration;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.internal.jvm.NativeAccess;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.uring.RingOperation.Kind;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An io_uring ring with a table of registered buffers: pins that the kernel keeps in place, and
 * files that are read and written straight into them.
 *
 * <pre>{@code
 * try (Pin pin = buffer.pin(Pin.longTerm());
 *         Ring ring = Ring.open("reader", 64);
 *         FixedBuffer fixed = ring.register(pin); // the kernel keeps the memory from here on
 *         RingFile file = RingFile.openDirect(path)) {
 *     RingOperation first = ring.readFixed(file, 0, fixed, 0, 1 << 20);
 *     RingOperation second = ring.readFixed(file, 1 << 20, fixed, 1 << 20, 1 << 20);
 *     ring.submit(); // both in one system call
 *     long bytes = first.await(Duration.ofSeconds(5)) + second.await(Duration.ofSeconds(5));
 * }
 * }</pre>
 *
 * <p>Thread-safe: one lock guards the ring, and nobody holds it while waiting. There is no thread
 * of the ring's own; whoever awaits an operation takes in the completions of all. A virtual thread
 * that waits keeps no carrier.
 */
public final class Ring implements AutoCloseable {
    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final String name;
    private final RingHandle handle;
    private final BufferTable table;
    private final Reaper reaper;

    /** Changed with the reaper's lock only. */
    private volatile State state = State.OPEN;

    Ring(RingBuilder builder) throws RingException {
        this.name = builder.name();
        InFlight inFlight = new InFlight(builder.entries());
        this.handle = RingHandle.open(builder.calls(), builder.entries());
        try {
            Keeper keeper = new RingKeeper(name, handle.fd());
            this.reaper = new Reaper(this.toString(), handle, inFlight, builder.patience());
            this.table = new BufferTable(handle, keeper, builder.slots(), builder.slotBytes());
            Watch.opened(this);
        } catch (Throwable failed) { // whatever it is, nobody else could close it
            handle.close(failed);
            throw failed;
        }
    }

    /**
     * Opens a ring with room for 1,024 slots and a patience of 10 s.
     *
     * @param name a name for messages
     * @param entries how many operations can be in flight, 1 to 32,768
     * @return the ring
     * @throws IllegalArgumentException if the number is out of range
     * @throws IllegalCallerException if Java denies native access; says how to start it
     * @throws RingException if io_uring is missing, forbidden or too old, or there is no memory
     */
    public static Ring open(String name, int entries) throws RingException {
        return builder(name).entries(entries).open();
    }

    /**
     * {@return what to set before opening a ring}
     *
     * @param name a name for messages
     * @throws IllegalCallerException if Java denies native access; says how to start it
     */
    public static RingBuilder builder(String name) {
        return new RingBuilder(name);
    }

    /**
     * {@return why there can be no ring here and what to change; empty if there can be one. Makes
     * one to find out.}
     */
    public static Optional<String> unavailable() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return Optional.of("io_uring needs Linux on x86-64, this is "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch"));
        }
        Optional<String> denied = NativeAccess.denied();
        if (denied.isPresent()) {
            return denied;
        }
        try (Ring ring = open("probe", 1)) {
            return Optional.empty();
        } catch (IOException refused) {
            String why = refused.getMessage();
            return Optional.of(why == null ? refused.toString() : why);
        }
    }

    /** {@return whether there can be a ring here} */
    public static boolean isAvailable() {
        return unavailable().isEmpty();
    }

    /** {@return the name given to it} */
    public String name() {
        return name;
    }

    /**
     * {@return how many parts of operations can be in flight: an operation has one for each slot
     * that it touches}
     */
    public int entries() {
        return reaper.capacity();
    }

    /** {@return how many slots its table has} */
    public int slots() {
        return table.slotCount();
    }

    // ---- fixed buffers ----

    /**
     * Registers a pin: from now on the kernel keeps its memory. It takes a slot of the table for
     * each GiB or part of it.
     *
     * @param pin an open pin
     * @return the pin as a buffer of this ring
     * @throws IllegalStateException if the pin or the ring is closed, or the table is full
     * @throws WrongThreadException if the pin is confined to another thread
     * @throws io.highpage.outcome.OutOfPageMemoryException if the memlock limit is reached, or
     *     memory is short
     * @throws IOException if the kernel refuses for another reason
     */
    public FixedBuffer register(Pin pin) throws IOException {
        return register(List.of(pin)).getFirst();
    }

    /**
     * Registers several pins, all or none.
     *
     * @param pins open pins
     * @return a buffer for each, in the same order
     * @throws IOException and others as for {@link #register(Pin)}
     */
    public List<FixedBuffer> register(List<Pin> pins) throws IOException {
        List<Pin> all = List.copyOf(pins);
        FixedBuffer[] made = new FixedBuffer[all.size()];
        Arrays.setAll(made, i -> new FixedBuffer(this));
        List<FixedBuffer> result = Collections.unmodifiableList(Arrays.asList(made));
        reaper.run(() -> {
            checkOpen();
            table.addAll(all, made);
            return true;
        });
        return result;
    }

    /**
     * Registers the home of a whole buffer, once: its pages come and go from then on, and a pin of
     * any range of it is {@linkplain RegisteredBuffer#register registered} without a call of the
     * kernel. It takes a slot of the table for each GiB or part of it.
     *
     * <p>For the moment the buffer is pinned, to read: what is only on a device is copied home. All
     * its pages get memory at home, and keep it while it is registered.
     *
     * @param buffer an open buffer
     * @return the buffer as one of this ring
     * @throws IllegalStateException if the buffer or the ring is closed, or the table is full
     * @throws io.highpage.outcome.PagesBusyException and others as for a pin of the whole buffer
     * @throws io.highpage.outcome.OutOfPageMemoryException if the buffer's budget has not so much
     *     host memory, the memlock limit is reached, or memory is short
     * @throws IOException if the kernel refuses for another reason
     */
    public RegisteredBuffer register(PageBuffer buffer) throws IOException {
        StackRoom.checkLong(); // nothing ends it where only this knows of the registration
        checkOpen();
        HomeRegistration home = buffer.registerHome(table.keeper()); // may move: without the lock
        WholeMemory memory = null;
        try {
            WholeMemory added = new WholeMemory(home, table.slotBytes());
            memory = added;
            RegisteredBuffer made = new RegisteredBuffer(this, added);
            reaper.run(() -> {
                checkOpen();
                table.add(added);
                return true;
            });
            return made;
        } catch (Throwable refused) { // whatever it is, the home must not stay registered
            if (memory != null && memory.slotsTaken > 0) {
                memory.leaving = true; // whoever comes next to the table goes on
            } else {
                home.close();
            }
            throw refused;
        }
    }

    FixedBuffer register(WholeMemory whole, Pin pin) throws IOException {
        FixedBuffer made = new FixedBuffer(this);
        reaper.run(() -> {
            checkOpen();
            made.memory = add(whole, pin);
            return true;
        });
        return made;
    }

    /** Takes a pin of a registered buffer in. The caller has the lock. */
    private PinnedMemory add(WholeMemory whole, Pin pin) {
        if (whole.leaving) {
            throw new IllegalStateException(whole + " is no longer registered with " + this);
        }
        if (pin.buffer() != whole.buffer()) {
            throw new IllegalArgumentException(pin + " is not a pin of " + whole
                    + ", which is what is registered: register it with the ring itself");
        }
        PinnedMemory added = PinnedMemory.in(whole, pin);
        whole.add(added);
        try {
            added.keep(table.keeper());
            return added;
        } catch (Throwable refused) {
            added.leftTable();
            throw refused;
        }
    }

    void update(FixedBuffer buffer, Pin pin) throws IOException {
        PinnedMemory[] last = {null};
        reaper.run(() -> {
            checkOpen();
            checkUsable(buffer);
            WholeMemory whole = buffer.memory.whole();
            PinnedMemory next = whole == null ? table.add(pin) : add(whole, pin);
            last[0] = buffer.memory;
            buffer.memory = next;
            return true;
        });
        remove(last[0]);
    }

    void remove(FixedBuffer buffer) throws IOException {
        buffer.closed = true;
        remove(buffer.memory());
    }

    private void remove(PinnedMemory memory) throws IOException {
        if (memory.isReleased()) {
            return;
        }
        if (memory.whole() == null) {
            takeOut(memory);
            return;
        }
        reaper.run(() -> {
            if (memory.isUsed() && !handle.submit()) { // so that they end
                return false;
            }
            memory.leftTable();
            return true;
        });
        if (memory.isUsed()) {
            awaitUsers(memory);
        }
    }

    void remove(WholeMemory memory) throws IOException {
        memory.leaving = true;
        if (!memory.isReleased()) {
            takeOut(memory);
        }
    }

    private void takeOut(RegisteredMemory memory) throws IOException {
        memory.leaving = true;
        reaper.run(() -> {
            if (!handle.submit()) { // the kernel looks an operation's slot up when it is submitted
                return false;
            }
            table.removeLeaving();
            return true;
        });
        awaitUsers(memory);
    }

    private void awaitUsers(RegisteredMemory memory) throws IOException {
        reaper.quiesce(
                operation -> operation.uses(memory), "cannot let go of " + memory, () -> true);
    }

    // ---- operations ----

    /**
     * Prepares a read of a file into a fixed buffer. It begins when it is submitted.
     *
     * @param file a file open for reading
     * @param fileOffset where to read in the file; ignored for pipes and sockets
     * @param buffer a buffer of this ring
     * @param bufferOffset where to put the bytes, from the start of the pin
     * @param byteSize number of bytes; none do nothing
     * @return the operation
     * @throws IllegalArgumentException if the buffer is of another ring, its pin only
     *     {@linkplain Pin#mode reads}, the file is not open for reading, a number is negative, the
     *     range touches more slots than the ring has entries, or {@code O_DIRECT} needs other
     *     multiples
     * @throws IndexOutOfBoundsException if the range is outside the buffer
     * @throws IllegalStateException if the ring, the buffer or the file is closed, or the ring
     *     stayed full for as long as its patience
     * @throws java.io.InterruptedIOException if interrupted while waiting for room
     * @throws IOException if the kernel refuses to take operations
     */
    public RingOperation readFixed(
            RingFile file, long fileOffset, FixedBuffer buffer, long bufferOffset, long byteSize)
            throws IOException {
        return prepare(new Request(Kind.READ, file, fileOffset, bufferOffset, byteSize), buffer);
    }

    /**
     * Prepares a write of a fixed buffer to a file. It begins when it is submitted.
     *
     * @param file a file open for writing
     * @param fileOffset where to write in the file; ignored for pipes and sockets
     * @param buffer a buffer of this ring
     * @param bufferOffset where the bytes are, from the start of the pin
     * @param byteSize number of bytes; none do nothing
     * @return the operation
     * @throws IOException and others as for {@link #readFixed}
     */
    public RingOperation writeFixed(
            RingFile file, long fileOffset, FixedBuffer buffer, long bufferOffset, long byteSize)
            throws IOException {
        return prepare(new Request(Kind.WRITE, file, fileOffset, bufferOffset, byteSize), buffer);
    }

    /**
     * Prepares making a file durable ({@code fsync}). Covers writes that were complete when it is
     * submitted: await them first.
     *
     * @param file an open file
     * @return the operation
     * @throws IOException and others as for {@link #readFixed}
     */
    public RingOperation fsync(RingFile file) throws IOException {
        return reaper.prepare(() -> {
            checkOpen();
            return new RingOperation(this, Request.fsync(file), null, new int[1]);
        });
    }

    RingOperation prepare(Request request, FixedBuffer buffer) throws IOException {
        RingFile file = request.file();
        file.checkRange(request.kind() == Kind.WRITE, request.fileOffset(), request.byteSize());
        return reaper.prepare(() -> {
            checkOpen();
            checkUsable(buffer);
            PinnedMemory memory = buffer.memory();
            long start = request.bufferOffset();
            checkWritable(request.kind(), memory.pin());
            Objects.checkFromIndexSize(start, request.byteSize(), memory.byteSize());
            file.checkAligned("address", memory.address() + start);
            int[] lengths = memory.split(start, request.byteSize());
            RingOperation made = new RingOperation(this, request, memory, lengths);
            made.endIfNothing();
            return made;
        });
    }

    private static void checkWritable(Kind kind, Pin pin) {
        if (kind == Kind.READ && pin.mode() == AccessMode.READ) {
            throw new IllegalArgumentException(kind.label + " would write to " + pin
                    + ", which was taken to read only: take it with terms in mode READ_WRITE, or"
                    + " WRITE");
        }
    }

    /**
     * Reads until a range is full or the file ends, and waits for it: goes on after a short read,
     * {@code EINTR} and {@code EAGAIN}.
     *
     * @param file a file open for reading
     * @param fileOffset where to read in the file
     * @param buffer a buffer of this ring
     * @param bufferOffset where to put the bytes, from the start of the pin
     * @param byteSize number of bytes; none do nothing
     * @param limit how long each operation may take, and how long it is tried again without a byte
     *     moved
     * @return number of bytes read, fewer than asked for only at the end of the file
     * @throws IOException and others as for {@link #readFixed} and {@link RingOperation#await}
     */
    public long readFully(
            RingFile file,
            long fileOffset,
            FixedBuffer buffer,
            long bufferOffset,
            long byteSize,
            Duration limit)
            throws IOException {
        Request all = new Request(Kind.READ, file, fileOffset, bufferOffset, byteSize);
        return FullTransfer.move(this, all, buffer, limit);
    }

    /**
     * Writes a whole range and waits for it: goes on after a short write, {@code EINTR} and
     * {@code EAGAIN}.
     *
     * @param file a file open for writing
     * @param fileOffset where to write in the file
     * @param buffer a buffer of this ring
     * @param bufferOffset where the bytes are, from the start of the pin
     * @param byteSize number of bytes; none do nothing
     * @param limit how long each operation may take, and how long it is tried again without a byte
     *     moved
     * @throws IOException and others as for {@link #writeFixed} and {@link RingOperation#await}, or
     *     if the file takes no more bytes
     */
    public void writeFully(
            RingFile file,
            long fileOffset,
            FixedBuffer buffer,
            long bufferOffset,
            long byteSize,
            Duration limit)
            throws IOException {
        Request all = new Request(Kind.WRITE, file, fileOffset, bufferOffset, byteSize);
        long written = FullTransfer.move(this, all, buffer, limit);
        if (written < byteSize) {
            throw new IOException(file + " took only " + written + " of byteSize=" + byteSize
                    + " at fileOffset=" + fileOffset + " and then no more");
        }
    }

    /**
     * Gives the kernel everything that was prepared, in one call. Awaiting does it too.
     *
     * @throws IllegalStateException if the ring is closed
     * @throws IOException if the kernel refuses; the operations stay prepared
     */
    public void submit() throws IOException {
        reaper.run(() -> {
            checkOpen();
            return handle.submit();
        });
    }

    Reaper reaper() {
        return reaper;
    }

    // ---- state ----

    private void checkOpen() {
        if (state != State.OPEN) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    private void checkUsable(FixedBuffer buffer) {
        if (buffer.ring() != this) {
            throw new IllegalArgumentException(buffer + " is not a buffer of " + this);
        }
        if (!buffer.isOpen()) {
            throw new IllegalStateException(buffer + " is closed");
        }
    }

    /** {@return whether it has not been closed yet} */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /**
     * Submits what is prepared, takes all buffers out of the table, waits for every operation, and
     * only then lets the pins go. What has not ended within the ring's patience is cancelled, and
     * awaited as long again. An interrupt does not end it. A second call goes on where the first
     * one failed, and does nothing once it is closed.
     *
     * @throws IllegalStateException if an operation did not end, naming it; the ring then takes no
     *     more operations, its pins stay registered, and it can be closed again
     * @throws IOException if the kernel refused, which says what; it can be closed again
     */
    @Override
    public void close() throws IOException {
        if (state == State.CLOSED) {
            return;
        }
        reaper.run(() -> {
            state = state == State.CLOSED ? State.CLOSED : State.CLOSING;
            if (!handle.submit()) {
                return false;
            }
            if (handle.isOpen()) {
                table.removeAll();
            }
            return true;
        });
        reaper.quiesce(operation -> true, this + " cannot close", this::finish);
    }

    /** Nothing is in flight. {@return true} */
    private boolean finish() throws RingException {
        if (state != State.CLOSED) {
            table.unregister();
            handle.close();
            Watch.closed(this);
            state = State.CLOSED;
        }
        return true;
    }

    @Override
    public String toString() {
        return "io_uring ring '" + name + "'";
    }
}
