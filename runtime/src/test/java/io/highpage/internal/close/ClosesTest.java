// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.close;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class ClosesTest {
    @Test
    void each_ofWhichSomeFail_closesEveryOneAndTellsAllFailures() {
        List<Integer> closed = new ArrayList<>();
        assertThatThrownBy(() -> Closes.each(List.of(1, 2, 3, 4), n -> {
                    closed.add(n);
                    if (n == 2) {
                        throw new StackOverflowError("second");
                    }
                    if (n == 3) {
                        throw new IllegalStateException("third");
                    }
                }))
                .isInstanceOf(StackOverflowError.class)
                .hasMessage("second")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .isInstanceOf(IllegalStateException.class));
        assertThat(closed).containsExactly(1, 2, 3, 4);
    }

    @Test
    void step_afterAFailure_isTaken() {
        IllegalStateException first = new IllegalStateException("first");
        List<String> taken = new ArrayList<>();
        assertThat(Closes.step(first, () -> taken.add("second"))).isSameAs(first);
        assertThat(taken).hasSize(1);
        assertThat(Closes.first(first, first)).isSameAs(first);
        assertThat(first.getSuppressed()).isEmpty();
        Closes.rethrow(null);
    }
}
