// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;

/**
 * What a file was like when somebody looked: the driver at the beginning, each task before and
 * after it reads.
 *
 * @param byteSize its length
 * @param modified when it was last written
 */
record InputVersion(long byteSize, Instant modified) implements Serializable {
    /**
     * Looks at a file.
     *
     * @param who looks, for the message
     * @throws RefusedException if it is not there, no file, or may not be read
     */
    static InputVersion of(Path file, String who) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            if (!found.isRegularFile()) {
                throw new RefusedException("input " + file + " is no regular file for " + who);
            }
            if (!Files.isReadable(file)) {
                throw new AccessDeniedException(file.toString());
            }
            return new InputVersion(found.size(), found.lastModifiedTime().toInstant());
        } catch (NoSuchFileException missing) {
            throw new RefusedException("input " + file + " is not there for " + who
                    + "; the driver and all executors read inputs under one path");
        } catch (AccessDeniedException refused) {
            throw new RefusedException("input " + file + " may not be read by " + who);
        } catch (IOException e) {
            throw new RefusedException("input " + file + " cannot be read by " + who + ": " + e, e);
        }
    }

    /**
     * Checks that a file is what it was.
     *
     * @throws RefusedException if it was written to, or is gone
     */
    void check(Path file, String who) {
        InputVersion now = of(file, who);
        if (!now.equals(this)) {
            throw new RefusedException("input " + file + " changed while the job ran: the driver"
                    + " saw " + this + ", " + who + " sees " + now
                    + ". Outputs that are committed may be of either; run the job again over files"
                    + " that nobody writes to");
        }
    }

    /** {@return such as {@code 4096 bytes of 2026-01-31T12:00:00Z}} */
    @Override
    public String toString() {
        return byteSize + " bytes of " + modified;
    }
}
