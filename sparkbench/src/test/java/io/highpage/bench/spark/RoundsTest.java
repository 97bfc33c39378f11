// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns of jobs, and their times, without Spark. */
class RoundsTest {
    private final List<String> ran = new ArrayList<>();
    private String made = "";

    private Rounds rounds() {
        return new Rounds(() -> 0.0, () -> made = "", job -> made)
                .with("a", () -> make("a", "same"))
                .with("b", () -> make("b", "same"));
    }

    private void make(String job, String what) {
        ran.add(job);
        made = what;
    }

    @Test
    void everyRoundBeginsWithAnotherJobAndWarmUpsDoNotCount() throws Exception {
        Map<String, Times> times = rounds().run(1, 2);

        assertThat(ran).containsExactly("b", "a", "a", "b", "b", "a");
        assertThat(times.get("a").rounds()).isEqualTo(2);
        assertThat(times.get("b").rounds()).isEqualTo(2);
    }

    @Test
    void aJobThatComesToSomethingElseIsNamed() {
        assertThatIllegalStateException()
                .isThrownBy(() -> rounds().with("c", () -> make("c", "other")).run(0, 1))
                .withMessage("'c' comes to other, and others to same");
    }

    @Test
    void timesAreMediansWithTheLeast() {
        Times times = new Times();
        times.add(3e6, 4e6);
        times.add(1e6, 6e6);
        Times more = new Times();
        more.add(9e6, 8e6);

        assertThat(times.median()).isEqualTo(2e6);
        assertThat(times.and(more).text()).isEqualTo("3 ms (least 1 ms; processors 6 ms)");
    }
}
