// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.uring.RingOperation.Kind;

/**
 * What a ring is asked to do with a file.
 *
 * @param kind what is done
 * @param file with which file
 * @param fileOffset where in the file; of an fsync 0, as all that follows
 * @param bufferOffset where in the buffer, from the start of the pin
 * @param byteSize how many bytes
 */
record Request(Kind kind, RingFile file, long fileOffset, long bufferOffset, long byteSize) {

    static Request fsync(RingFile file) {
        return new Request(Kind.FSYNC, file, 0, 0, 0);
    }

    /** {@return the same of some of the bytes, which begin {@code done} bytes later} */
    Request part(long done, long bytes) {
        return new Request(kind, file, fileOffset + done, bufferOffset + done, bytes);
    }
}
