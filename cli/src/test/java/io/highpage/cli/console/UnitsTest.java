// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "17B, 17",
        "4K, 4096",
        "4k, 4096",
        "64KiB, 65536",
        "2M, 2097152",
        "1G, 1073741824",
        "1GiB, 1073741824",
        "3T, 3298534883328",
        "9223372036854775807, 9223372036854775807"
    })
    void sizesAreRead(String text, long bytes) {
        assertThat(Units.parseBytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "K", "-4K", "4.5K", "4KB", "4 K", "0x10", "four", "4P", "1_000"})
    void anythingElseIsRefusedByValue(String text) {
        assertThatThrownBy(() -> Units.parseBytes(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "8388608T", "99999999999999999999"})
    void tooLargeSizesAreRefused(String text) {
        assertThatThrownBy(() -> Units.parseBytes(text))
                .hasMessageContaining("'" + text + "' is too large");
    }

    @Test
    void sizesAreWrittenShort() {
        assertThat(Units.bytes(0)).isEqualTo("0 B");
        assertThat(Units.bytes(1023)).isEqualTo("1023 B");
        assertThat(Units.bytes(64 << 10)).isEqualTo("64 KiB");
        assertThat(Units.bytes(145_959_730)).isEqualTo("139.2 MiB");
        assertThat(Units.bytes(Long.MAX_VALUE)).isEqualTo("unlimited");
    }
}
