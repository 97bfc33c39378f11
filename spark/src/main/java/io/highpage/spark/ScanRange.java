// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.pipe.PieceInput;

import org.apache.spark.sql.connector.read.InputPartition;

import java.nio.file.Path;
import java.util.List;

/**
 * What one task of a scan reads: the same bytes of files of one group.
 *
 * @param group the files
 * @param offset where it begins in each
 * @param byteSize of each
 */
record ScanRange(ScanFiles.Group group, long offset, long byteSize) implements InputPartition {
    /** {@return for a pipe} */
    List<PieceInput> inputs() {
        return group.paths().stream()
                .map(path -> PieceInput.of(Path.of(path), offset, byteSize))
                .toList();
    }
}
