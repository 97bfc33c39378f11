// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

import io.highpage.Keeper;
import io.highpage.Verification;
import io.highpage.Verification.Verdict;
import io.highpage.internal.os.LinuxMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A ring as a keeper of pins: what the kernel says about its registered buffers. */
final class RingKeeper implements Keeper {
    /** A line such as {@code     3: 0x7f0000000000/4096}; an empty slot has no address. */
    private static final Pattern BUFFER = Pattern.compile("^\\s*\\d+: 0x([0-9a-f]+)/(\\d+)$", Pattern.MULTILINE);

    private static final Pattern BUFFERS = Pattern.compile("^UserBufs:\\s*\\d+$", Pattern.MULTILINE);

    /** The kernel leaves the list out when the ring is busy at this moment. */
    private static final int TRIES_MAX = 10;

    private final String name;
    private final Path information;

    RingKeeper(String ring, int fd) {
        this(ring, Path.of("/proc/self/fdinfo/" + fd));
    }

    RingKeeper(String ring, Path information) {
        this.name = "io_uring ring '" + ring + "'";
        this.information = information;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Verification verify(MemorySegment range) {
        try {
            for (int tries = 0; tries < TRIES_MAX; tries++) {
                String text = Files.readString(information);
                if (BUFFERS.matcher(text).find()) {
                    return listed(range, text);
                }
            }
            return unlisted(range, information + " lists no buffers (UserBufs)");
        } catch (IOException unreadable) {
            return unlisted(range, information + " cannot be read: " + unreadable.getMessage());
        }
    }

    private Verification listed(MemorySegment range, String text) {
        TreeMap<Long, MatchResult> byAddress = new TreeMap<>();
        long next = range.address();
        long end = next + range.byteSize();
        for (MatchResult buffer : BUFFER.matcher(text).results().toList()) {
            long address = Long.parseUnsignedLong(buffer.group(1), 16);
            if (address < end && address + Long.parseLong(buffer.group(2)) > next) {
                byAddress.put(address, buffer);
            }
        }
        for (var buffer : byAddress.entrySet()) {
            if (buffer.getKey() <= next) {
                next = Math.max(
                        next, buffer.getKey() + Long.parseLong(buffer.getValue().group(2)));
            }
        }
        long covered = Math.min(next, end) - range.address();
        List<String> lines = byAddress.values().stream()
                .map(buffer -> buffer.group().strip())
                .toList();
        return new Verification(
                covered == range.byteSize() ? Verdict.CONFIRMED : Verdict.REFUTED,
                information + " lists " + covered + " of " + range.byteSize() + " bytes as registered with " + name
                        + lines.stream().collect(Collectors.joining(", ", " (", ")")));
    }

    /** The number of all bytes that the kernel keeps for this process can refute, but not confirm. */
    private static Verification unlisted(MemorySegment range, String why) {
        long kept = LinuxMemory.statusBytes("VmPin:");
        return new Verification(
                kept < range.byteSize() ? Verdict.REFUTED : Verdict.UNVERIFIABLE,
                why + "; VmPin of /proc/self/status is " + kept + " bytes for the whole process");
    }
}
