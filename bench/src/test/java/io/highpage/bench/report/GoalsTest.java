// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Map;

/** The arithmetic of rows, on figures made up. */
class GoalsTest {
    private static final Figure FAST = figure("A.fast", 10, Map.of("pages", "1"));
    private static final Figure SLOW = figure("A.slow", 25, Map.of("pages", "2"));

    private static Figure figure(String name, double nanos, Map<String, String> params) {
        return new Figure(name, Copying.DEFAULT, 1, params, nanos, nanos, nanos, 0);
    }

    @Test
    void cost_isHowManyTimesAsLongTheSubjectTakes() {
        assertThat(Comparison.cost(SLOW, FAST).ratio()).isEqualTo(2.5);
        assertThat(Comparison.speed(FAST, SLOW).ratio()).isEqualTo(2.5);
    }

    @Test
    void speedAgainstPeers_isAgainstTheFastest() {
        Figure slower = figure("A.slower", 50, Map.of());

        Comparison found = Comparison.speed(SLOW, java.util.List.of(slower, FAST));

        assertThat(found.ratio()).isEqualTo(0.4);
        assertThat(found.note()).isEqualTo("25 ns against 10 ns by fast, the best of 2");
    }

    @Test
    void spread_isTheLargestCostAPageToTheSmallest() {
        assertThat(Comparison.spread(java.util.List.of(FAST, SLOW), true).ratio())
                .isEqualTo(1.25);
        assertThat(Comparison.spread(java.util.List.of(FAST, SLOW), false).ratio())
                .isEqualTo(2.5);
    }

    @Test
    void target_isMetAtItsLimit() {
        assertThat(Target.atMost(2.5).isMet(2.5)).isTrue();
        assertThat(Target.atMost(2.5).isMet(2.51)).isFalse();
        assertThat(Target.atLeast(2.5).isMet(2.49)).isFalse();
    }

    @Test
    void figures_findTheOneWithItsParameters() {
        Figures figures = new Figures();
        figures.add(figure("A.one", 1, Map.of("pages", "64", "pageBytes", "4096")));
        figures.add(figure("A.one", 2, Map.of("pages", "128", "pageBytes", "4096")));

        assertThat(figures.of("A.one", "pages", 128).nanos()).isEqualTo(2);
        assertThatThrownBy(() -> figures.of("A.one")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> figures.of("A.one", "pages", 1)).isInstanceOf(NotMeasured.class);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void everyRow_isThereWithoutAnyFigure(Form form) {
        assertThat(Goals.of(new Suite(form, "host", "opencl:0", false)))
                .extracting(goal -> Row.of(goal, new Figures()))
                .hasSizeGreaterThan(30)
                .allSatisfy(row -> assertThat(row.met()).isFalse())
                .allSatisfy(row -> assertThat(row.note()).startsWith(Row.NOT_MEASURED));
        assertThat(Goals.of(new Suite(form, "host", "opencl:0", false)))
                .extracting(Goal::name)
                .doesNotHaveDuplicates();
    }
}
