// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.EINTR;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/** Moves a whole range, slot by slot, however often the kernel stops. */
final class FullTransfer {
    private FullTransfer() {}

    /**
     * {@return how many bytes were moved, fewer than asked for where the file takes or gives no
     * more}
     */
    static long move(Ring ring, Request all, FixedBuffer buffer, Duration limit)
            throws IOException {
        long byteSize = all.byteSize();
        if (byteSize < 1) { // looked at all the same
            return ring.prepare(all, buffer).await(limit);
        }
        Objects.checkFromIndexSize(all.bufferOffset(), byteSize, buffer.byteSize());
        long done = 0;
        long lastMoved = System.nanoTime();
        // Direct files move whole blocks but for the last one of the file.
        while (done < byteSize && done % all.file().alignment() == 0) {
            long at = all.bufferOffset() + done;
            long piece = Math.min(byteSize - done, buffer.memory().leftOfSlot(at));
            long moved;
            try {
                moved = ring.prepare(all.part(done, piece), buffer).await(limit);
            } catch (RingException failed) {
                Duration stuck = Duration.ofNanos(System.nanoTime() - lastMoved);
                if (!passes(failed.errno()) || stuck.compareTo(limit) > 0) {
                    throw failed;
                }
                continue;
            }
            if (moved == 0) {
                break;
            }
            done += moved;
            lastMoved = System.nanoTime();
        }
        return done;
    }

    private static boolean passes(int errno) {
        return errno == EINTR() || errno == EAGAIN();
    }
}
