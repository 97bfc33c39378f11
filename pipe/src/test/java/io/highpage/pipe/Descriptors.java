// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What this process has open: files of a folder, and rings. */
final class Descriptors {
    private Descriptors() {}

    static List<String> of(Path folder) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.map(Descriptors::target)
                    .filter(Objects::nonNull)
                    .filter(each -> each.startsWith(folder.toString())
                            || each.contains("io_uring")
                            || each.equals("/dev/full"))
                    .sorted()
                    .toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return null;
        }
    }
}
