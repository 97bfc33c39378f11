// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpanMapTest {
    @Test
    void fewSpansHaveALetterEach() {
        assertThat(SpanMap.of("")).isEmpty();
        assertThat(SpanMap.of("HHD.")).isEqualTo("HHD.");
        assertThat(SpanMap.of("HD".repeat(16))).isEqualTo("HD".repeat(16));
    }

    @Test
    void moreOfThemAreCounted() {
        assertThat(SpanMap.of("H".repeat(36) + "D".repeat(12))).isEqualTo("36H 12D");
        assertThat(SpanMap.of("D" + "H".repeat(50_000) + "D")).isEqualTo("1D 50000H 1D");
        assertThat(SpanMap.of("H".repeat(33))).isEqualTo("33H");
    }

    @Test
    void aMixtureThatIsTooLongIsNone() {
        assertThat(SpanMap.of("HD".repeat(17))).isEmpty();
        assertThat(SpanMap.of("H".repeat(100) + "HD".repeat(5)))
                .isEqualTo("101H 1D 1H 1D 1H 1D 1H 1D 1H 1D");
        assertThat(SpanMap.of("H".repeat(100) + "HD".repeat(6))).isEmpty();
    }
}
