// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/** Policies to compare with. Spans count as one each, whatever their length. */
final class Replacements {
    private Replacements() {}

    /** The least recently used leaves. */
    static final class Lru implements Replacement {
        private final SequencedSet<Integer> order = new LinkedHashSet<>();

        @Override
        public void hit(int span) {
            order.addLast(span);
        }

        @Override
        public int victim() {
            return order.removeFirst();
        }

        @Override
        public void came(int span) {
            order.addLast(span);
        }
    }

    /** SIEVE (Zhang and others, NSDI 2024): a hand that goes on, and a bit for each span. */
    static final class Sieve implements Replacement {
        private final boolean[] used;
        private final int[] older; // towards the tail
        private final int[] newer;
        private int head = -1;
        private int tail = -1;
        private int hand = -1;

        Sieve(int spans) {
            used = new boolean[spans];
            older = new int[spans];
            newer = new int[spans];
        }

        @Override
        public void hit(int span) {
            used[span] = true;
        }

        @Override
        public int victim() {
            int at = hand < 0 ? tail : hand;
            while (used[at]) {
                used[at] = false;
                at = newer[at] < 0 ? tail : newer[at];
            }
            hand = newer[at];
            if (older[at] < 0) {
                tail = newer[at];
            } else {
                newer[older[at]] = newer[at];
            }
            if (newer[at] < 0) {
                head = older[at];
            } else {
                older[newer[at]] = older[at];
            }
            return at;
        }

        @Override
        public void came(int span) {
            used[span] = false;
            older[span] = head;
            newer[span] = -1;
            if (head < 0) {
                tail = span;
            } else {
                newer[head] = span;
            }
            head = span;
        }
    }

    /**
     * S3-FIFO (Yang and others, SOSP 2023): a tenth of the room for those that came, the rest for
     * those that were used again, and a list of those that left.
     */
    static final class S3Fifo implements Replacement {
        private static final int MOST_USES = 3;
        private final int smallRoom;
        private final int ghostRoom;
        private final int[] uses;
        private final Deque<Integer> small = new ArrayDeque<>();
        private final Deque<Integer> main = new ArrayDeque<>();
        private final SequencedSet<Integer> ghosts = new LinkedHashSet<>();

        S3Fifo(int spans, int room) {
            smallRoom = Math.max(1, room / 10);
            ghostRoom = Math.max(1, room - smallRoom);
            uses = new int[spans];
        }

        @Override
        public void hit(int span) {
            uses[span] = Math.min(MOST_USES, uses[span] + 1);
        }

        @Override
        public int victim() {
            while (true) {
                if (small.size() >= smallRoom || main.isEmpty()) {
                    int span = small.removeLast();
                    if (uses[span] > 1) {
                        uses[span] = 0;
                        main.addFirst(span);
                        continue;
                    }
                    ghosts.addLast(span);
                    if (ghosts.size() > ghostRoom) {
                        ghosts.removeFirst();
                    }
                    return span;
                }
                int span = main.removeLast();
                if (uses[span] == 0) {
                    return span;
                }
                uses[span]--;
                main.addFirst(span);
            }
        }

        @Override
        public void came(int span) {
            uses[span] = 0;
            if (ghosts.remove(span)) {
                main.addFirst(span);
            } else {
                small.addFirst(span);
            }
        }
    }

    /**
     * LIRS (Jiang and Zhang, SIGMETRICS 2002): those whose last two uses were close together stay,
     * the others share a hundredth of the room.
     */
    static final class Lirs implements Replacement {
        private final int lowRoom;
        private final boolean[] low;
        private final SequencedSet<Integer> stack = new LinkedHashSet<>(); // the last is the top
        private final SequencedSet<Integer> queue = new LinkedHashSet<>(); // there, and not low
        private int lows;

        Lirs(int spans, int room) {
            lowRoom = room - Math.max(1, room / 100);
            low = new boolean[spans];
        }

        @Override
        public void hit(int span) {
            if (low[span]) {
                stack.addLast(span);
                prune();
            } else if (stack.contains(span)) {
                queue.remove(span);
                stack.addLast(span);
                raise(span);
            } else {
                queue.addLast(span);
                stack.addLast(span);
            }
        }

        private void raise(int span) {
            low[span] = true;
            lows++;
            while (lows > lowRoom && lows > 1) {
                int bottom = stack.removeFirst();
                low[bottom] = false;
                lows--;
                queue.addLast(bottom);
                prune();
            }
            prune();
        }

        private void prune() {
            for (Iterator<Integer> each = stack.iterator(); each.hasNext(); ) {
                if (low[each.next()]) {
                    return;
                }
                each.remove();
            }
        }

        @Override
        public int victim() {
            int span;
            if (queue.isEmpty()) { // spans of several lengths, or all are low
                span = stack.removeFirst();
                low[span] = false;
                lows--;
                prune();
            } else {
                span = queue.removeFirst();
            }
            return span;
        }

        @Override
        public void came(int span) {
            if (lows < lowRoom) {
                stack.addLast(span);
                low[span] = true;
                lows++;
            } else if (stack.contains(span)) {
                stack.addLast(span);
                raise(span);
            } else {
                stack.addLast(span);
                queue.addLast(span);
            }
        }
    }

    /** The one that is used least often in the whole trace leaves: it knows how often that is. */
    static final class PerfectFrequency implements Replacement {
        private final int[] counts;
        private final boolean[] there;

        PerfectFrequency(Trace trace) {
            counts = new int[trace.spanBytes().size()];
            there = new boolean[counts.length];
            trace.spans().forEach(span -> counts[span]++);
        }

        @Override
        public void hit(int span) {}

        @Override
        public int victim() {
            int least = -1;
            for (int i = 0; i < counts.length; i++) {
                if (there[i] && (least < 0 || counts[i] < counts[least])) {
                    least = i;
                }
            }
            there[least] = false;
            return least;
        }

        @Override
        public void came(int span) {
            there[span] = true;
        }
    }
}
