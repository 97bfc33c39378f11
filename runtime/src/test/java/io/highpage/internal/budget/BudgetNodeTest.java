// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Charges, limits and the end of budgets, one thread at a time. */
class BudgetNodeTest {
    private static final int TIERS = 2;

    private final BudgetNode root = BudgetNode.root("runtime", TIERS);
    private final BudgetNode cache = root.group("cache", 100);
    private final BudgetNode images = cache.group("images", 60);
    private final Account account = new Account(images);

    @Test
    void charge_countsInEveryBudgetUpToTheRoot_inItsTierOnly() {
        assertThat(account.charge(1, 60)).isNull();
        assertThat(List.of(images.used(1), cache.used(1), root.used(1))).containsOnly(60L);
        assertThat(List.of(images.used(0), cache.used(0), root.used(0))).containsOnly(0L);
        account.uncharge(1, 60);
        assertThat(root.used(1)).isZero();
    }

    @Test
    void charge_thatABudgetRefuses_isTakenBackBelowIt() {
        Account other = new Account(cache);
        assertThat(other.charge(0, 50)).isNull();
        assertThat(account.charge(0, 51)).as("50 of 100 are left above").isSameAs(cache);
        assertThat(images.used(0)).isZero();
        assertThat(List.of(cache.used(0), root.used(0))).containsOnly(50L);
        assertThat(account.charge(0, 61)).as("the lowest that refuses").isSameAs(images);
        assertThat(account.charge(0, 50)).isNull();
    }

    @Test
    void limit_belowTheUse_refusesWhatIsNewAndTakesNothing() {
        assertThat(account.charge(0, 40)).isNull();
        images.limit(0, 10);
        assertThat(account.charge(0, 1)).isSameAs(images);
        assertThat(images.used(0)).isEqualTo(40);
        account.uncharge(0, 35);
        assertThat(account.charge(0, 6)).isSameAs(images);
        assertThat(account.charge(0, 5)).isNull();
    }

    @Test
    void limit_ofZero_isALimit_andOfTheMost_isNone() {
        images.limit(1, 0);
        assertThat(account.charge(1, 1)).isSameAs(images);
        Account inRoot = new Account(root);
        assertThat(inRoot.charge(1, Long.MAX_VALUE)).isNull();
        assertThat(inRoot.charge(1, 1)).as("no sum overflows").isSameAs(root);
        images.limit(1, Long.MAX_VALUE);
        cache.limit(1, Long.MAX_VALUE);
        assertThat(account.charge(1, 1)).isSameAs(root);
    }

    @Test
    void tightest_isTheSmallestLimitOnTheWayUp() {
        assertThat(images.tightest(0)).isSameAs(images);
        cache.limit(0, 60);
        assertThat(images.tightest(0)).as("the lower of equals").isSameAs(images);
        cache.limit(0, 59);
        assertThat(images.tightest(0)).isSameAs(cache);
        root.limit(0, 5);
        assertThat(images.tightest(0)).isSameAs(root);
        assertThat(images.isWithin(cache)).isTrue();
        assertThat(cache.isWithin(images)).isFalse();
        assertThat(images).hasToString("runtime/cache/images");
    }

    @Test
    void close_withSomethingOpenInIt_isRefused_andOpensNothingMore() {
        cache.open();
        images.open();
        account.open();
        assertThat(root.groups()).containsExactly(cache);
        assertThat(cache.tryClose()).isFalse();
        assertThat(images.tryClose()).isFalse();
        account.close();
        account.close(); // once more is nothing
        assertThat(images.tryClose()).isTrue();
        assertThat(images.tryClose()).as("again").isTrue();
        assertThatThrownBy(account::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("budget runtime/cache/images is closed");
        account.close(); // it was not opened
        assertThat(cache.groups()).isEmpty();
        assertThat(cache.tryClose()).isTrue();
        assertThatThrownBy(() -> cache.group("late", 1).open())
                .isInstanceOf(IllegalStateException.class);
        assertThat(root.groups()).isEmpty();
    }

    /**
     * Random trees, charges and limits: who refuses is the lowest budget that lacks the room, and
     * each has in use what the accounts below it have.
     */
    @Test
    void anyCharges_matchTheSumsOfTheAccounts() {
        for (long seed = 0; seed < 300; seed++) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            List<BudgetNode> nodes = new ArrayList<>(List.of(BudgetNode.root("root", TIERS)));
            Map<Account, long[]> accounts = new LinkedHashMap<>(); // with what each has taken
            for (int i = 1; i < 6; i++) {
                BudgetNode in = nodes.get(random.nextInt(nodes.size()));
                nodes.add(in.group("g" + i, random.nextInt(20)));
            }
            for (int i = 0; i < 5; i++) {
                accounts.put(new Account(nodes.get(random.nextInt(nodes.size()))), new long[TIERS]);
            }
            for (int step = 0; step < 100; step++) {
                int tier = random.nextInt(TIERS);
                Account one = List.copyOf(accounts.keySet()).get(random.nextInt(accounts.size()));
                long[] has = accounts.get(one);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        long less = random.nextLong(has[tier] + 1);
                        one.uncharge(tier, less);
                        has[tier] -= less;
                    }
                    case 1 ->
                        nodes.get(random.nextInt(nodes.size())).limit(tier, random.nextInt(20));
                    default -> {
                        long bytes = random.nextInt(12);
                        BudgetNode refuses = refuses(one, tier, bytes);
                        assertThat(one.charge(tier, bytes)).as("seed %d", seed).isSameAs(refuses);
                        has[tier] += refuses == null ? bytes : 0;
                    }
                }
                for (BudgetNode node : nodes) {
                    long sum = accounts.entrySet().stream()
                            .filter(of -> of.getKey().budget().isWithin(node))
                            .mapToLong(of -> of.getValue()[tier])
                            .sum();
                    assertThat(node.used(tier)).as("seed %d, %s", seed, node).isEqualTo(sum);
                }
            }
        }
    }

    private static BudgetNode refuses(Account one, int tier, long bytes) {
        BudgetNode node = one.budget();
        while (node != null && node.used(tier) + bytes <= node.limit(tier)) {
            node = node.parent();
        }
        return node;
    }
}
