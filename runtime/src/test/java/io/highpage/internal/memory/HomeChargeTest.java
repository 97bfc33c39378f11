// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;

import org.junit.jupiter.api.Test;

/** What is charged for a home is known until all of it is given back. */
class HomeChargeTest {
    private final BudgetNode root = BudgetNode.root("root", 2);
    private final HomeCharge charge = new HomeCharge(new Account(root));

    @Test
    void clear_givesBackWhatIsLeft_once() {
        assertThat(charge.add(7)).isNull();
        assertThat(charge.account().charge(1, 9)).isNull();
        charge.subtract(3);
        assertThat(charge.bytes()).isEqualTo(4);
        charge.clear();
        charge.clear();
        assertThat(charge.bytes()).isZero();
        assertThat(root.used(HomeWindow.TIER)).isZero();
        assertThat(root.used(1)).as("of another tier").isEqualTo(9);
    }

    @Test
    void add_thatIsRefused_countsNothing() {
        root.limit(HomeWindow.TIER, 5);
        assertThat(charge.add(6)).isSameAs(root);
        assertThat(charge.bytes()).isZero();
    }
}
