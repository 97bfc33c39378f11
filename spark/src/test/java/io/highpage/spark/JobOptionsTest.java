// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a job may be told. */
class JobOptionsTest {
    /** Told by the driver: in a task it would be tried four times. */
    @ParameterizedTest
    @ValueSource(longs = {0, -65536, 1, 65537, (1L << 48) + 65536, Long.MAX_VALUE})
    void piecesThatNoPipeHas_areRefused(long bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JobOptions.defaults().pieceBytes(bytes))
                .withMessageContaining("a piece of " + bytes + " bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JobOptions.defaults().leastPieceBytes(bytes));
    }

    @Test
    void theLeastPieceIsNoLargerThanAPiece() {
        JobOptions small = JobOptions.defaults().pieceBytes(65536);
        assertThat(small.leastPieceBytes()).isEqualTo(65536);
        assertThatIllegalArgumentException().isThrownBy(() -> small.leastPieceBytes(131072));
    }
}
