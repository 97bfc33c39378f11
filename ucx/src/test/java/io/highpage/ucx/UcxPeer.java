// SPDX-License-Identifier: Apache-2.0
package io.highpage.ucx;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;

import org.openucx.jucx.UcxCallback;
import org.openucx.jucx.ucp.UcpContext;
import org.openucx.jucx.ucp.UcpEndpoint;
import org.openucx.jucx.ucp.UcpEndpointParams;
import org.openucx.jucx.ucp.UcpParams;
import org.openucx.jucx.ucp.UcpWorker;
import org.openucx.jucx.ucp.UcpWorkerParams;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * Sends the bytes of a pin to another process, or receives them into one. Arguments: bytes, rounds,
 * and for the sender the receiver's address. The receiver prints its address first. Both print a
 * checksum of what they hold at the end.
 */
final class UcxPeer {
    private static final long TAG = 7;
    private static final long ALL_BITS = -1;

    private UcxPeer() {}

    public static void main(String[] arguments) throws Exception {
        int bytes = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        try (UcpContext context = new UcpContext(new UcpParams().requestTagFeature());
                UcpWorker worker = context.newWorker(new UcpWorkerParams());
                Highpage highpage =
                        Highpage.builder().device(HostDevice.coherent(bytes)).open();
                PageBuffer buffer = highpage.allocate(bytes);
                Pin pin = buffer.pin(Pin.longTerm());
                UcxRegion region = UcxRegion.register(context, pin, "peer")) {
            if (arguments.length > 2) {
                byte[] random = new byte[bytes];
                new Random(bytes).nextBytes(random);
                pin.segment().copyFrom(MemorySegment.ofArray(random));
                send(worker, region, rounds, HexFormat.of().parseHex(arguments[2]));
            } else {
                System.out.println(HexFormat.of().formatHex(copyOf(worker.getAddress())));
                receive(worker, region, rounds);
            }
            System.out.println("crc " + crc(pin));
        }
    }

    private static void send(UcpWorker worker, UcxRegion region, int rounds, byte[] receiver)
            throws Exception {
        ByteBuffer address =
                ByteBuffer.allocateDirect(receiver.length).put(receiver).flip();
        UcpEndpoint endpoint = worker.newEndpoint(new UcpEndpointParams().setUcpAddress(address));
        long from = region.memory().getAddress();
        long bytes = region.memory().getLength();
        long start = System.nanoTime();
        for (int round = 0; round < rounds; round++) {
            worker.progressRequest(
                    endpoint.sendTaggedNonBlocking(from, bytes, TAG, new UcxCallback()));
        }
        worker.progressRequest(endpoint.closeNonBlockingFlush());
        System.out.printf(
                "sent %.2f GB/s%n", (double) bytes * rounds / (System.nanoTime() - start));
    }

    private static void receive(UcpWorker worker, UcxRegion region, int rounds) throws Exception {
        long to = region.memory().getAddress();
        long bytes = region.memory().getLength();
        for (int round = 0; round < rounds; round++) {
            worker.progressRequest(
                    worker.recvTaggedNonBlocking(to, bytes, TAG, ALL_BITS, new UcxCallback()));
        }
    }

    private static byte[] copyOf(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    private static long crc(Pin pin) {
        CRC32 crc = new CRC32();
        crc.update(pin.segment().asByteBuffer());
        return crc.getValue();
    }
}
