// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.EINTR;

import io.highpage.interop.uring.RingOperation.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/** Moves a whole range, slot by slot, however often the kernel stops. */
final class FullTransfer {
    private FullTransfer() {}

    /** {@return how many bytes were moved, fewer than asked for where the file takes or gives no more} */
    static long move(
            Ring ring,
            Kind kind,
            RingFile file,
            long fileOffset,
            FixedBuffer buffer,
            long bufferOffset,
            long byteSize,
            Duration limit)
            throws IOException {
        Objects.checkFromIndexSize(bufferOffset, byteSize, buffer.byteSize());
        long done = 0;
        // Direct files move whole blocks but for the last one of the file.
        while (done < byteSize && done % file.alignment() == 0) {
            long at = bufferOffset + done;
            long piece = Math.min(byteSize - done, buffer.kept().leftOfSlot(at));
            long moved = moveOnce(ring.prepare(kind, file, fileOffset + done, buffer, at, piece), limit);
            if (moved == 0) {
                break;
            }
            done += Math.max(0, moved);
        }
        return done;
    }

    /** {@return how many bytes were moved, below 0 if it is to be tried again} */
    private static long moveOnce(RingOperation operation, Duration limit) throws IOException {
        try {
            return operation.await(limit);
        } catch (RingException failed) {
            if (failed.errno() == EINTR() || failed.errno() == EAGAIN()) {
                return -1;
            }
            throw failed;
        }
    }
}
