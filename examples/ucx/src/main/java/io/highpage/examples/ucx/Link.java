// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import org.openucx.jucx.UcxCallback;
import org.openucx.jucx.UcxException;
import org.openucx.jucx.ucp.UcpContext;
import org.openucx.jucx.ucp.UcpEndpoint;
import org.openucx.jucx.ucp.UcpEndpointParams;
import org.openucx.jucx.ucp.UcpParams;
import org.openucx.jucx.ucp.UcpRequest;
import org.openucx.jucx.ucp.UcpWorker;
import org.openucx.jucx.ucp.UcpWorkerParams;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;

/**
 * One side of UCX. No wait is longer than a limit, or goes on when the other side has ended. What
 * fails ends the link: when the exception comes, UCX uses no memory any more. Confined to one
 * thread.
 */
final class Link implements AutoCloseable {
    private static final long TAG = 7;
    private static final long ALL_BITS = -1;

    private final BooleanSupplier other;
    private final Duration limit;
    private final UcpContext context;
    private final UcpWorker worker;
    private UcpEndpoint endpoint;

    /**
     * Starts UCX.
     *
     * @param other whether the other side is still there
     * @param limit how long a message may take
     * @throws IOException if there is no UCX
     */
    Link(BooleanSupplier other, Duration limit) throws IOException {
        this.other = other;
        this.limit = limit;
        UcpContext opened;
        try {
            opened = new UcpContext(new UcpParams().requestTagFeature());
        } catch (LinkageError | UcxException missing) {
            throw new IOException(
                    "no UCX: " + missing + "; on Debian: apt-get install libucx0", missing);
        }
        context = opened;
        try {
            worker = context.newWorker(new UcpWorkerParams());
        } catch (UcxException failed) {
            context.close();
            throw new IOException("UCX failed: " + failed.getMessage(), failed);
        }
    }

    UcpContext context() {
        return context;
    }

    /** {@return what the other side connects to} */
    String address() {
        ByteBuffer bytes = worker.getAddress().duplicate();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return HexFormat.of().formatHex(copy);
    }

    void connect(String address) {
        byte[] bytes = HexFormat.of().parseHex(address);
        endpoint = worker.newEndpoint(new UcpEndpointParams()
                .setUcpAddress(
                        ByteBuffer.allocateDirect(bytes.length).put(bytes).flip()));
    }

    /** Sends memory, which UCX has done with when this returns or throws. */
    void send(long address, long bytes) throws IOException {
        await(endpoint.sendTaggedNonBlocking(address, bytes, TAG, new UcxCallback()), "sending");
    }

    /** Receives into memory, which UCX has done with when this returns or throws. */
    void receive(long address, long bytes) throws IOException {
        await(
                worker.recvTaggedNonBlocking(address, bytes, TAG, ALL_BITS, new UcxCallback()),
                "receiving");
    }

    /** Lets the other side have what was sent. */
    void flush() throws IOException {
        await(endpoint.closeNonBlockingFlush(), "closing");
    }

    /** Lets UCX answer what it is asked, until the other side has ended. */
    void serve() throws IOException {
        long start = System.nanoTime();
        while (other.getAsBoolean()) {
            progress(start, "ending", () -> true);
        }
    }

    private void await(UcpRequest request, String what) throws IOException {
        long start = System.nanoTime();
        while (!request.isCompleted()) {
            progress(start, what, other);
        }
    }

    private void progress(long start, String what, BooleanSupplier goesOn) throws IOException {
        try {
            if (worker.progress() > 0) {
                return;
            }
        } catch (Exception failed) { // as jucx declares it
            throw ended(new IOException(what + " failed: " + failed.getMessage(), failed));
        }
        if (!goesOn.getAsBoolean()) {
            throw ended(new IOException(what + " failed: the other process has ended"));
        }
        if (System.nanoTime() - start > limit.toNanos()) {
            throw ended(new IOException(what + " took longer than " + limit.toSeconds() + " s"));
        }
        if (Thread.currentThread().isInterrupted()) {
            throw ended(new InterruptedIOException(what + " was interrupted"));
        }
        Thread.yield();
    }

    /** Without its worker UCX touches no memory: regions and pins can be closed. */
    private IOException ended(IOException why) {
        worker.close();
        return why;
    }

    @Override
    public void close() {
        worker.close();
        context.close();
    }
}
