// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.IORING_OP_FSYNC;
import static io.highpage.bindings.linux.linux_h.IORING_OP_READ_FIXED;
import static io.highpage.bindings.linux.linux_h.IORING_OP_WRITE_FIXED;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A read, write or fsync that a ring was asked for. Thread-safe. */
public final class RingOperation {
    /** What it does. */
    enum Kind {
        READ("readFixed", IORING_OP_READ_FIXED()),
        WRITE("writeFixed", IORING_OP_WRITE_FIXED()),
        FSYNC("fsync", IORING_OP_FSYNC());

        final String label;
        final int opcode;

        Kind(String label, int opcode) {
            this.label = label;
            this.opcode = opcode;
        }
    }

    private final Ring ring;
    private final Request request;
    private final @Nullable PinnedMemory memory;

    // Guarded by the ring's lock until done.
    private final int[] asked;
    final int[] results;
    int missing;

    /** The next one of those that have ended and are still to be let go of. */
    @Nullable
    RingOperation next;

    private boolean letGoOfFile;
    private boolean letGoOfMemory;

    /** A thread that parks until it is done. Set with the ring's lock, cleared by that thread. */
    volatile @Nullable Thread waiter;

    private volatile boolean done;

    /** {@code asked}: the length of each part. Keeps nothing until it is prepared. */
    RingOperation(Ring ring, Request request, @Nullable PinnedMemory memory, int[] asked) {
        this.ring = ring;
        this.request = request;
        this.memory = memory;
        this.asked = asked;
        this.results = new int[asked.length];
        this.missing = asked.length;
    }

    /** Lets go of what an operation has that has ended. Goes on where it stopped. */
    void end() {
        if (!letGoOfFile) {
            file().end();
            letGoOfFile = true;
        }
        if (memory != null) {
            if (!letGoOfMemory) {
                memory.operations--;
                letGoOfMemory = true;
            }
            memory.releaseIfUnused();
        }
        done = true;
        Thread parked = waiter;
        if (parked != null) {
            LockSupport.unpark(parked);
        }
    }

    /** One of no bytes: the kernel is not asked for it. */
    void endIfNothing() {
        if (asked.length == 0) {
            file().checkOpen();
            done = true;
        }
    }

    RingFile file() {
        return request.file();
    }

    /** {@return the memory that it uses, null for an fsync} */
    @Nullable
    PinnedMemory memory() {
        return memory;
    }

    int parts() {
        return asked.length;
    }

    long fileOffset() {
        return request.fileOffset();
    }

    long bufferOffset() {
        return request.bufferOffset();
    }

    boolean uses(RegisteredMemory other) {
        return memory == other || memory != null && memory.whole() == other;
    }

    int opcode() {
        return request.kind().opcode;
    }

    int length(int part) {
        return asked[part];
    }

    boolean isComplete() {
        return done;
    }

    /** {@return whether it has completed, without waiting; submits nothing} */
    public boolean isDone() {
        if (!done) {
            ring.reaper().poll();
        }
        return done;
    }

    /**
     * Waits for it, and submits it first if nobody has.
     *
     * @param limit how long to wait at most
     * @return how many bytes were moved, from the start of the range; fewer than asked for at the
     *     end of the file, 0 for an fsync
     * @throws RingException if it failed
     * @throws java.io.InterruptedIOException if time has passed or the thread was interrupted,
     *     which it then stays; the operation goes on
     * @throws IOException if it cannot be submitted or awaited
     */
    public long await(Duration limit) throws IOException {
        if (!done) {
            ring.reaper().await(this, limit);
        }
        return result();
    }

    /**
     * Asks the kernel to end it early: its result is then an error, {@code ECANCELED}, unless it
     * has come too far.
     *
     * @throws IOException if the kernel takes no operations
     */
    public void cancel() throws IOException {
        if (!done) {
            ring.reaper().cancel(this);
        }
    }

    private long result() throws RingException {
        if (results.length > 0 && results[0] < 0) {
            throw RingException.of(
                    request.kind().label,
                    -results[0],
                    this.toString(),
                    Advice.forOperation(-results[0], file()));
        }
        long moved = 0;
        for (int part = 0; part < results.length; part++) {
            moved += Math.max(0, results[part]);
            if (results[part] < asked[part]) {
                break;
            }
        }
        return moved;
    }

    @Override
    public String toString() {
        String what = request.kind().label + " of " + file();
        return memory == null
                ? what
                : what + " fileOffset=" + fileOffset() + " byteSize=" + request.byteSize()
                        + " bufferOffset=" + bufferOffset() + " of " + memory.pin();
    }
}
