// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.Terms;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who has which block. All blocks are one buffer, a span each: so each comes to the device and
 * leaves it alone. Which leave when the device's budget is used up is the library's choice; a block
 * that is used again comes back by the access that uses it. Thread-safe.
 *
 * <p>A lease is a request's: its table of blocks. Requests with the same beginning share the full
 * blocks of it, and after a fork all blocks; whoever writes to a shared block gets a copy first. A
 * block that nobody has any more stays as it is until its place is needed, so a request with the
 * same beginning finds it.
 */
public final class BlockCache implements AutoCloseable {
    /** The smallest span that there is. */
    static final long SPAN_BYTES = Allocation.SPAN_BYTES_MIN;

    private static final Terms KEPT = Terms.defaults()
            .mode(AccessMode.READ)
            .owner("cache: a kept beginning")
            .deadline(Duration.ofSeconds(30))
            .shared();

    private final Shape shape;
    private final int blocks;
    private final Device device;
    private final Budget budget;
    private final PageBuffer buffer;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Deque<Block> free = new ArrayDeque<>();
    private final Set<Block> unused = new LinkedHashSet<>(); // full, longest unused first
    private final Map<List<Integer>, Block> byTokens = new HashMap<>();

    /**
     * Makes a cache.
     *
     * @param highpage whose memory it takes
     * @param shape the model's
     * @param blocks how many there are
     * @param onDevice how many of them the device may have at a time
     */
    public BlockCache(Highpage highpage, Shape shape, int blocks, int onDevice) {
        if (Shape.bytes(shape.blockFloats()) > SPAN_BYTES) {
            throw new IllegalArgumentException(shape + ": a block is larger than a span");
        }
        this.shape = shape;
        this.blocks = blocks;
        this.device = highpage.device();
        budget = highpage.budget("blocks", blocks * SPAN_BYTES);
        budget.deviceMemory(device, onDevice * SPAN_BYTES);
        buffer = budget.allocate(blocks * SPAN_BYTES, Allocation.defaults().spanBytes(SPAN_BYTES));
        for (int number = 0; number < blocks; number++) {
            free.add(new Block(number));
        }
    }

    /** A place in the buffer. Its fields are guarded by the lock. */
    private final class Block {
        private final PageRange range;
        private int leases;
        private List<Integer> tokens = List.of(); // from the request's first on, once it is full

        Block(int number) {
            range = buffer.range(number * SPAN_BYTES, Shape.bytes(shape.blockFloats()));
        }
    }

    /**
     * Leases blocks for a request.
     *
     * @param prompt how it begins
     * @return the lease; the tokens at its beginning whose blocks there are count as decoded. The
     *     last one never does: what comes out for it is not in the cache
     */
    public Lease lease(List<Integer> prompt) {
        lock.lock();
        try {
            Lease lease = new Lease();
            int end = shape.blockTokens();
            for (; end < prompt.size(); end += shape.blockTokens()) {
                Block known = byTokens.get(prompt.subList(0, end));
                if (known == null) {
                    break;
                }
                lease.take(known);
                lease.tokens.addAll(prompt.subList(end - shape.blockTokens(), end));
            }
            return lease;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps the full blocks of a lease on the device, such as those of a beginning that many
     * requests share, also while none of these runs. They count as leased meanwhile.
     *
     * @param lease whose blocks
     * @return what keeps them
     */
    public Kept keep(Lease lease) {
        Kept kept = new Kept(lease(lease.withOneMore()));
        try {
            for (PageRange range : kept.lease.ranges()) {
                kept.accesses.add(range.access(KEPT, device));
            }
            return kept;
        } catch (RuntimeException refused) {
            kept.close();
            throw refused;
        }
    }

    /** {@return the blocks that leases have, each counted once} */
    public int leased() {
        lock.lock();
        try {
            return blocks - free.size() - unused.size();
        } finally {
            lock.unlock();
        }
    }

    private Block allocate() {
        Block block = free.poll();
        if (block == null) {
            Iterator<Block> longest = unused.iterator();
            if (!longest.hasNext()) {
                throw new IllegalStateException("all " + blocks + " blocks are leased: close a"
                        + " lease, or make the cache larger");
            }
            block = longest.next();
            longest.remove();
            byTokens.remove(block.tokens);
            block.tokens = List.of();
        }
        block.leases = 1;
        return block;
    }

    private void drop(Block block) {
        if (--block.leases > 0) {
            return;
        }
        if (block.tokens.isEmpty()) {
            free.add(block);
        } else {
            unused.add(block);
        }
    }

    /** Gives all memory back. No request runs. */
    @Override
    public void close() {
        buffer.close();
        budget.close();
    }

    /** A request's blocks. For one thread at a time. */
    public final class Lease implements AutoCloseable {
        private final List<Block> table = new ArrayList<>();
        private final List<Integer> tokens = new ArrayList<>();

        private Lease() {}

        /** {@return how many tokens are decoded} */
        public int length() {
            return tokens.size();
        }

        /** {@return the tokens that are decoded} */
        public List<Integer> tokens() {
            return List.copyOf(tokens);
        }

        private List<Integer> withOneMore() {
            List<Integer> more = new ArrayList<>(tokens);
            more.add(0);
            return more;
        }

        private void take(Block block) {
            if (block.leases++ == 0) {
                unused.remove(block);
            }
            table.add(block);
        }

        /**
         * {@return a lease of the same blocks, for a request that goes on another way from here}
         */
        public Lease fork() {
            lock.lock();
            try {
                Lease fork = new Lease();
                table.forEach(fork::take);
                fork.tokens.addAll(tokens);
                return fork;
            } finally {
                lock.unlock();
            }
        }

        /**
         * {@return the blocks, the last of which has room for another token and is this lease's
         * alone}
         *
         * @throws IllegalStateException if it has as many as it may have, or there is no block
         */
        List<PageRange> withRoom() {
            lock.lock();
            try {
                int last = tokens.size() / shape.blockTokens();
                if (last == shape.blocksMost()) {
                    throw new IllegalStateException(
                            "the request has " + tokens.size() + " tokens, which is the most");
                }
                if (last == table.size()) {
                    table.add(allocate());
                } else if (table.get(last).leases > 1) {
                    table.set(last, copyOf(table.get(last)));
                }
                return ranges();
            } finally {
                lock.unlock();
            }
        }

        private Block copyOf(Block shared) {
            Block own = allocate();
            try {
                shared.range.copyTo(own.range, 0); // on the device if it is there
            } catch (RuntimeException failed) {
                drop(own);
                throw failed;
            }
            drop(shared);
            return own;
        }

        private List<PageRange> ranges() {
            return table.stream().map(block -> block.range).toList();
        }

        /** Says that the next token's keys and values are in the last block. */
        void decoded(int token) {
            lock.lock();
            try {
                tokens.add(token);
                if (tokens.size() % shape.blockTokens() == 0) {
                    List<Integer> known = List.copyOf(tokens);
                    if (byTokens.putIfAbsent(known, table.getLast()) == null) {
                        table.getLast().tokens = known;
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        /** Gives the blocks back. A second call does nothing. */
        @Override
        public void close() {
            lock.lock();
            try {
                table.forEach(BlockCache.this::drop);
                table.clear();
                tokens.clear();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Blocks that stay on the device. Any thread may close it. */
    public static final class Kept implements AutoCloseable {
        private final Lease lease;
        private final List<DeviceAccess> accesses = new ArrayList<>();

        private Kept(Lease lease) {
            this.lease = lease;
        }

        /** Lets them leave again. */
        @Override
        public void close() {
            accesses.forEach(DeviceAccess::close);
            accesses.clear();
            lease.close();
        }
    }
}
