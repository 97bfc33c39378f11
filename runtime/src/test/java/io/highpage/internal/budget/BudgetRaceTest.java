// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads that charge budgets at the same time never have more than there is, and leave nothing
 * behind; a twin that looks first and adds then is found out.
 */
@Timeout(300)
class BudgetRaceTest {
    private static final int THREADS = 4;
    private static final long LIMIT = 5;
    private static final long NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(700);

    /** What a thread charges. */
    private interface Purse {
        boolean take(long bytes);

        void giveBack(long bytes);
    }

    /** A budget that forgets that somebody may come between the look and the addition. */
    private static final class LooksFirst implements Purse {
        private final AtomicLong used = new AtomicLong();

        @Override
        public boolean take(long bytes) {
            if (used.get() + bytes > LIMIT) {
                return false;
            }
            Thread.onSpinWait();
            used.addAndGet(bytes);
            return true;
        }

        @Override
        public void giveBack(long bytes) {
            used.addAndGet(-bytes);
        }
    }

    private static Purse of(Account account) {
        return new Purse() {
            @Override
            public boolean take(long bytes) {
                return account.charge(0, bytes) == null;
            }

            @Override
            public void giveBack(long bytes) {
                account.uncharge(0, bytes);
            }
        };
    }

    /**
     * Each thread has one of the purses. {@return the most that all had together, as far as it was
     * seen: what is counted after it was taken and until before it is given back}
     */
    private static long mostAtOnce(List<Purse> purses) throws Exception {
        AtomicLong had = new AtomicLong();
        AtomicLong most = new AtomicLong();
        long end = System.nanoTime() + NANOS_MAX;
        try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Purse mine = purses.get(thread % purses.size());
                all.add(pool.submit(() -> {
                    while ((System.nanoTime() - end < 0 || most.get() == 0)
                            && most.get() <= LIMIT) {
                        long bytes = ThreadLocalRandom.current().nextLong(1, 6);
                        if (mine.take(bytes)) {
                            long now = had.addAndGet(bytes);
                            most.accumulateAndGet(now, Math::max);
                            had.addAndGet(-bytes);
                            mine.giveBack(bytes);
                        }
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        return most.get();
    }

    @Test
    void charges_ofManyThreads_areNeverMoreThanThereIs_andLeaveNothing() throws Exception {
        BudgetNode root = BudgetNode.root("root", 1);
        root.limit(0, LIMIT);
        List<Account> accounts = new ArrayList<>();
        for (BudgetNode in : List.of(root, root.group("a", 4), root.group("b", LIMIT + 1))) {
            accounts.add(new Account(in));
        }
        accounts.add(new Account(accounts.get(1).budget().group("in a", LIMIT)));
        assertThat(mostAtOnce(accounts.stream().map(BudgetRaceTest::of).toList()))
                .isBetween(1L, LIMIT);
        for (Account account : accounts) {
            assertThat(account.budget().used(0)).as("%s", account.budget()).isZero();
        }
    }

    @Test
    void twin_thatLooksFirst_isFoundOut() throws Exception {
        long most = 0;
        for (int run = 0; run < 20 && most <= LIMIT; run++) {
            most = mostAtOnce(List.of(new LooksFirst()));
        }
        assertThat(most).isGreaterThan(LIMIT);
    }

    /** A budget that closes has nothing in it, and nothing comes into it any more. */
    @Test
    void close_andOpenAtTheSameTime_oneOfThemWins() throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            for (int run = 0; run < 2000; run++) {
                BudgetNode root = BudgetNode.root("root", 1);
                BudgetNode group = root.group("group", 1);
                group.open();
                Account account = new Account(group);
                Future<Boolean> opened = pool.submit(() -> {
                    try {
                        account.open();
                        return true;
                    } catch (IllegalStateException closed) {
                        return false;
                    }
                });
                Future<Boolean> closed = pool.submit(group::tryClose);
                assertThat(opened.get()).isNotEqualTo(closed.get());
                assertThat(root.groups()).hasSize(closed.get() ? 0 : 1);
            }
        }
    }
}
