// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A range, its output, and what its file was like.
 *
 * @param index the task's partition
 * @param range what is read
 * @param output where the output is to be
 * @param version of the range's file when the job began
 */
record PlannedRange(int index, FileRange range, String output, InputVersion version)
        implements Serializable {
    private static final int NAMED = 3;

    /**
     * Plans a job: looks at each input once, and names the outputs. That of a whole file has the
     * file's name; that of a part also says which, so that they sort by their order.
     *
     * @param folder of the outputs, which is there
     * @throws RefusedException if an input is missing or too short, or two outputs have one name
     */
    static List<PlannedRange> of(List<FileRange> inputs, Path folder) {
        Map<String, InputVersion> versions = new HashMap<>();
        Map<String, FileRange> names = new HashMap<>();
        List<PlannedRange> planned = new ArrayList<>();
        for (FileRange range : inputs) {
            InputVersion version = versions.computeIfAbsent(
                    range.path(), path -> InputVersion.of(Path.of(path), "the driver"));
            if (range.end() > version.byteSize()) {
                throw new RefusedException("input " + range + " is beyond the end of its file,"
                        + " which has " + version.byteSize() + " bytes");
            }
            String name = name(range, version.byteSize());
            FileRange other = names.put(name, range);
            if (other != null) {
                throw new RefusedException("the outputs of " + other + " and of " + range
                        + " would both be " + folder.resolve(name)
                        + ": give the job inputs with names of their own, or two jobs two folders");
            }
            planned.add(new PlannedRange(
                    planned.size(), range, folder.resolve(name).toString(), version));
        }
        return planned;
    }

    /**
     * Checks that no output is there yet.
     *
     * @throws RefusedException if one is
     */
    static void checkNew(List<PlannedRange> planned, Path folder) {
        List<String> there = planned.stream()
                .filter(range -> Files.exists(Path.of(range.output()), LinkOption.NOFOLLOW_LINKS))
                .map(range -> folder.relativize(Path.of(range.output())).toString())
                .toList();
        if (!there.isEmpty()) {
            String more = there.size() > NAMED ? ", ... (" + there.size() + " in all)" : "";
            throw new RefusedException("output folder " + folder + " has files of that name: "
                    + String.join(", ", there.subList(0, Math.min(NAMED, there.size()))) + more
                    + ". Nothing is replaced: remove them, leave those ranges out, or choose"
                    + " another folder");
        }
    }

    /**
     * Checks that the range's file is what it was when the job began.
     *
     * @param who looks, for the message
     * @throws RefusedException if it was written to, or is gone
     */
    void check(String who) {
        version.check(Path.of(range.path()), who);
    }

    private static String name(FileRange range, long fileBytes) {
        String name = Path.of(range.path()).getFileName().toString();
        return range.offset() == 0 && range.byteSize() == fileBytes
                ? name
                : String.format(Locale.ROOT, "%s.%015d-%015d", name, range.offset(), range.end());
    }
}
