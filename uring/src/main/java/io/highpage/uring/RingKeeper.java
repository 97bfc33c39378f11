// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.Keeper;
import io.highpage.internal.os.ProcFile;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A ring as a keeper of pins: what the kernel says about its registered buffers. */
final class RingKeeper implements Keeper {
    /** A line such as {@code 3: 0x7f0000000000/4096}; an empty slot has no address. */
    private static final Pattern BUFFER =
            Pattern.compile("^\\s*\\d+: 0x([0-9a-f]+)/(\\d+)$", Pattern.MULTILINE);

    private static final Pattern BUFFERS =
            Pattern.compile("^UserBufs:\\s*\\d+$", Pattern.MULTILINE);

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
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            Optional<String> text = ProcFile.read(information);
            if (text.isEmpty()) {
                return unlisted(range, information + " cannot be read");
            }
            if (BUFFERS.matcher(text.get()).find()) {
                return listed(range, text.get());
            }
        }
        return unlisted(range, information + " lists no buffers (UserBufs)");
    }

    /** A line of the kernel's list; two slots may begin at one address. */
    private record Slot(String line, long start, long end) {
        static Slot of(MatchResult match) {
            long start = Long.parseUnsignedLong(match.group(1), 16);
            return new Slot(match.group().strip(), start, start + Long.parseLong(match.group(2)));
        }
    }

    private Verification listed(MemorySegment range, String text) {
        List<Slot> slots = BUFFER.matcher(text)
                .results()
                .map(Slot::of)
                .filter(slot -> slot.start < range.address() + range.byteSize()
                        && slot.end > range.address())
                .sorted(Comparator.comparingLong(Slot::start))
                .toList();
        long next = range.address();
        for (Slot slot : slots) {
            next = slot.start <= next ? Math.max(next, slot.end) : next;
        }
        long covered = Math.min(next - range.address(), range.byteSize());
        return Verification.of(
                covered == range.byteSize() ? Verdict.CONFIRMED : Verdict.REFUTED,
                information + " lists " + covered + " of " + range.byteSize()
                        + " bytes as registered with " + name
                        + slots.stream()
                                .map(Slot::line)
                                .collect(Collectors.joining(", ", " (", ")")));
    }

    /**
     * The number of all bytes that the kernel keeps for this process can refute, but not confirm.
     */
    private static Verification unlisted(MemorySegment range, String why) {
        OptionalLong kept = ProcFile.statusBytes("VmPin:");
        if (kept.isEmpty()) {
            return Verification.of(
                    Verdict.UNVERIFIABLE, why + "; /proc/self/status does not tell VmPin");
        }
        return Verification.of(
                kept.getAsLong() < range.byteSize() ? Verdict.REFUTED : Verdict.UNVERIFIABLE,
                why + "; VmPin of /proc/self/status is " + kept.getAsLong()
                        + " bytes for the whole process");
    }
}
