// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipeShapeTest {
    @Test
    void bytes_areWholePagesOfEachPiece() {
        PipeShape shape = new PipeShape(2, 1, 5000, 2, 1);
        assertThat(shape.deviceBytes()).isEqualTo(3 * 2 * 8192);
        assertThat(shape.hostBytes()).isEqualTo(3 * 8192);
        assertThat(new PipeShape(2, 1, 5000, 2)).isEqualTo(new PipeShape(2, 1, 5000, 2, 2));
        assertThat(shape.withPieceBytes(4096)).isEqualTo(new PipeShape(2, 1, 4096, 2, 1));
    }

    @ParameterizedTest
    @CsvSource({"2097152, true", "2097151, true", "4194304, true", "1048576, false"})
    void placesAreSpans_wherePiecesHaveTheLengthOfOne(long pieceBytes, boolean spans) {
        assertThat(new PipeShape(1, 1, pieceBytes, 2).inSpans()).isEqualTo(spans);
        assertThat(new PipeShape(1, 1, 3L << 20, 2).inSpans()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 1, 1, 1, inputs=0",
        "257, 1, 1, 1, 1, inputs=257",
        "1, 0, 1, 1, 1, outputs=0",
        "1, 1, 0, 1, 1, pieceBytes=0",
        "1, 1, 281474976710657, 1, 1, pieceBytes=281474976710657",
        "1, 1, 1, 0, 1, sets=0",
        "1, 1, 1, 17, 1, sets=17",
        "1, 1, 1, 1, 0, slots=0"
    })
    void numbersOutOfRange_areRefused(
            int inputs, int outputs, long pieceBytes, int sets, int slots, String words) {
        assertThatThrownBy(() -> new PipeShape(inputs, outputs, pieceBytes, sets, slots))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(words + " is not between 1 and ");
    }

    @Test
    void theLargest_doesNotOverflow() {
        assertThat(new PipeShape(256, 256, 1L << 48, 16, 16).deviceBytes())
                .isEqualTo(512L * 16 * (1L << 48));
    }
}
