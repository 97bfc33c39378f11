// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.device.Extent;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceHeap;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.NoRoom;
import io.highpage.internal.memory.Reservation;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;

/**
 * A day in the life of a device's memory: windows of random sizes are taken, and where there is no
 * room others leave, any of them. The heap is the runtime's; behind it are addresses without bytes.
 */
public final class Fragmentation {
    private static final long BASE_PAGE = 4096;
    private static final long MIB = 1L << 20;

    /** What sizes windows have. */
    private enum Sizes {
        /** One buffer of many spans, or several that agree. */
        ALIKE("spans of 2 MiB", random -> 2 * MIB),
        POWERS("spans of 2, 4, ... 64 MiB", random -> 2 * MIB << random.nextInt(6)),
        SMALL("whole buffers of 64 KiB to 16 MiB", random -> size(random, 64 << 10, 16 * MIB)),
        ANY("whole buffers of 64 KiB to 256 MiB", random -> size(random, 64 << 10, 256 * MIB));

        private final String title;
        private final ToLongFunction<Random> next;

        Sizes(String title, ToLongFunction<Random> next) {
            this.title = title;
            this.next = next;
        }

        /** {@return a size in base pages, each power of two as likely as another} */
        private static long size(Random random, long least, long most) {
            double size = least * Math.pow((double) most / least, random.nextDouble());
            return (long) Math.ceil(size / BASE_PAGE) * BASE_PAGE;
        }
    }

    /**
     * What happened with windows of certain sizes.
     *
     * @param sizes what sizes
     * @param windows that were taken
     * @param inPieces how many of those found enough room, but not in one piece
     * @param meanUnusable the share of memory that was free then, and of no use
     * @param worstUnusable the most
     * @param meanFree the share that was free after each window was taken, from when the first had
     *     to leave
     */
    public record Day(
            String sizes,
            long windows,
            long inPieces,
            double meanUnusable,
            double worstUnusable,
            double meanFree) {}

    private final Random random = new Random(1);
    private final DeviceHeap heap;
    private final Account account;
    private final long memoryBytes;
    private final List<Place> places = new ArrayList<>();
    private long usedBytes;
    private boolean full; // something had to leave
    private long takenFull;
    private double free;
    private long inPieces;
    private double unusable;
    private double worst;

    private Fragmentation(long memoryBytes) {
        this.memoryBytes = memoryBytes;
        BudgetNode budget = BudgetNode.root("runtime", 2);
        budget.limit(1, memoryBytes);
        heap = new DeviceSlot(1, "simulated", new NoBytes(2 * memoryBytes), budget, BASE_PAGE)
                .heap();
        account = new Account(budget);
    }

    /**
     * {@return a day for each mix of sizes}
     *
     * @param memoryBytes of the device
     * @param windows how many are taken in a day
     */
    public static List<Day> days(long memoryBytes, long windows) {
        List<Day> days = new ArrayList<>();
        for (Sizes sizes : Sizes.values()) {
            days.add(new Fragmentation(memoryBytes).day(sizes, windows));
        }
        return days;
    }

    private Day day(Sizes sizes, long windows) {
        for (long i = 0; i < windows; i++) {
            take(sizes.next.applyAsLong(random));
        }
        return new Day(
                sizes.title,
                windows,
                inPieces,
                unusable / Math.max(1, inPieces),
                worst,
                free / Math.max(1, takenFull));
    }

    private void take(long bytes) {
        boolean counted = false;
        while (true) {
            if (heap.reserve(account, bytes) instanceof Reservation.Granted room) {
                try {
                    Place place = room.fill(() -> false);
                    places.add(place);
                    usedBytes += place.byteSize();
                    if (full) {
                        takenFull++;
                        free += freeShare();
                    }
                    return;
                } catch (NoRoom pieces) {
                    if (!counted) {
                        counted = true;
                        inPieces++;
                        unusable += freeShare();
                        worst = Math.max(worst, freeShare());
                    }
                    emptyAPiece();
                }
            } else {
                leave(places.get(random.nextInt(places.size())));
            }
        }
    }

    private double freeShare() {
        return 1 - (double) usedBytes / memoryBytes;
    }

    /** As the runtime does: the extent goes whose windows have the fewest bytes. */
    private void emptyAPiece() {
        Map<Extent, List<Place>> byExtent = new IdentityHashMap<>();
        for (Place place : places) {
            byExtent.computeIfAbsent(place.extent(), none -> new ArrayList<>()).add(place);
        }
        List<Place> least = null;
        long fewest = Long.MAX_VALUE;
        for (List<Place> each : byExtent.values()) {
            long bytes = each.stream().mapToLong(Place::byteSize).sum();
            if (bytes < fewest) {
                least = each;
                fewest = bytes;
            }
        }
        List.copyOf(least).forEach(this::leave);
    }

    private void leave(Place place) {
        int at = places.indexOf(place);
        places.set(at, places.getLast());
        places.removeLast();
        heap.free(place);
        usedBytes -= place.byteSize();
        full = true;
    }
}
