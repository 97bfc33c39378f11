// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.outcome.AccessMode;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * The bytes that must be moved, whatever the policy. Between two uses of a span it either stays,
 * which saves what its coming back would move, or takes no room: a choice of intervals, of which at
 * no time more are kept than there is room. The best choice is a flow of least cost through time.
 *
 * <p>It is exact where spans are of one length and each use reads, or each modifies: there it is
 * what Belady's policy moves. Else it is a bound from below, and the least may be more: spans are
 * cut into pieces of one length, which may stay or go by themselves; and bytes that were written
 * count as saved a way home until they are written again if the longest of the intervals between is
 * kept, where all would have to be.
 */
final class Bound {
    private static final int ANY = Integer.MAX_VALUE / 2;

    private final long pieceBytes;
    private final int times;
    private final int room; // in pieces
    // Arcs in pairs: one and its reverse.
    private int arcs;
    private final int[] head;
    private final int[] free;
    private final long[] cost;
    private final int[] nextArc;
    private final int[] firstArc;

    private Bound(Trace trace) {
        pieceBytes = piece(trace);
        times = trace.spans().size();
        firstArc = new int[times + 1];
        Arrays.fill(firstArc, -1);
        int most = 4 * times + 4;
        head = new int[most];
        free = new int[most];
        cost = new long[most];
        nextArc = new int[most];
        long least =
                trace.spans().stream().mapToLong(trace.spanBytes()::get).min().orElseThrow();
        room = (int) Math.min(ANY, (trace.memoryBytes() - least) / pieceBytes);
    }

    private static long piece(Trace trace) {
        long divisor = 0;
        for (long bytes : trace.spanBytes()) {
            long a = bytes;
            while (a != 0) {
                long rest = divisor % a;
                divisor = a;
                a = rest;
            }
        }
        return divisor;
    }

    /** {@return bytes that no policy can do without} */
    static long of(Trace trace) {
        return new Bound(trace).bytes(trace);
    }

    private long bytes(Trace trace) {
        int[] before = new int[times]; // the use before of the same span, or -1
        int[] last = new int[trace.spanBytes().size()]; // use of each span
        int[] longest = new int[last.length]; // the use that ends its longest interval, dirty
        boolean[] dirty = new boolean[last.length];
        int[] saves = new int[times]; // ways of each piece, if it stays until this use
        Arrays.fill(last, -1);
        long all = 0; // pieces that move if nothing ever stays
        for (int i = 0; i < times; i++) {
            int span = trace.spans().get(i);
            boolean reads = trace.modes().get(i) != AccessMode.WRITE;
            boolean writes = trace.modes().get(i) != AccessMode.READ;
            before[i] = last[span];
            last[span] = i;
            if (before[i] >= 0) {
                saves[i] += reads ? 1 : 0;
                int known = longest[span];
                if (known < 0 || i - before[i] > known - before[known]) {
                    longest[span] = i;
                }
            }
            if (writes) {
                if (dirty[span]) {
                    saves[longest[span]]++;
                }
                dirty[span] = true;
                longest[span] = -1;
            }
            all += ((reads ? 1 : 0) + (writes ? 1 : 0)) * pieces(trace, i);
        }
        for (int i = 0; i < times; i++) {
            arc(i, i + 1, ANY, 0);
        }
        long saved = 0;
        for (int i = 0; i < times; i++) {
            if (saves[i] > 0 && i - before[i] == 1) {
                saved += saves[i] * pieces(trace, i); // nothing else needs the room
            } else if (saves[i] > 0) {
                arc(before[i] + 1, i, (int) Math.min(ANY, pieces(trace, i)), -saves[i]);
            }
        }
        return (all - saved - flow()) * pieceBytes;
    }

    private long pieces(Trace trace, int use) {
        return trace.spanBytes().get(trace.spans().get(use)) / pieceBytes;
    }

    private void arc(int from, int to, int most, long price) {
        set(from, to, most, price);
        set(to, from, 0, -price);
    }

    private void set(int from, int to, int most, long price) {
        head[arcs] = to;
        free[arcs] = most;
        cost[arcs] = price;
        nextArc[arcs] = firstArc[from];
        firstArc[from] = arcs++;
    }

    /** {@return what the best flow of all the room saves} */
    private long flow() {
        long[] potential = new long[times + 1];
        Arrays.fill(potential, Long.MAX_VALUE / 4);
        potential[0] = 0;
        for (int at = 0; at <= times; at++) { // arcs lead forward
            for (int arc = firstArc[at]; arc >= 0; arc = nextArc[arc]) {
                if (free[arc] > 0) {
                    potential[head[arc]] =
                            Math.min(potential[head[arc]], potential[at] + cost[arc]);
                }
            }
        }
        long saved = 0;
        long[] distance = new long[times + 1];
        int[] by = new int[times + 1];
        for (int left = room; left > 0; ) {
            shortest(potential, distance, by);
            for (int at = 0; at <= times; at++) {
                potential[at] += distance[at];
            }
            long price = potential[times] - potential[0];
            if (price >= 0) {
                break;
            }
            int amount = left;
            for (int at = times; at != 0; at = head[by[at] ^ 1]) {
                amount = Math.min(amount, free[by[at]]);
            }
            for (int at = times; at != 0; at = head[by[at] ^ 1]) {
                free[by[at]] -= amount;
                free[by[at] ^ 1] += amount;
            }
            saved -= price * amount;
            left -= amount;
        }
        return saved;
    }

    /** Dijkstra's, by costs that potentials make positive. */
    private void shortest(long[] potential, long[] distance, int[] by) {
        Arrays.fill(distance, Long.MAX_VALUE / 4);
        distance[0] = 0;
        PriorityQueue<long[]> queue = new PriorityQueue<>((a, b) -> Long.compare(a[0], b[0]));
        queue.add(new long[] {0, 0});
        while (!queue.isEmpty()) {
            long[] first = queue.remove();
            int at = (int) first[1];
            if (first[0] > distance[at]) {
                continue;
            }
            for (int arc = firstArc[at]; arc >= 0; arc = nextArc[arc]) {
                int to = head[arc];
                long there = first[0] + cost[arc] + potential[at] - potential[to];
                if (free[arc] > 0 && there < distance[to]) {
                    distance[to] = there;
                    by[to] = arc;
                    queue.add(new long[] {there, to});
                }
            }
        }
    }
}
