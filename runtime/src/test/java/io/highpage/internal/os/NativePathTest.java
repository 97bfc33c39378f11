// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

class NativePathTest {
    @ParameterizedTest
    @ValueSource(strings = {"/a/b", "/with space/100%/a?b#c", "/quote'\"\\\n\t", "/é/日本", "/"})
    void aPathHasTheBytesOfItsName(String name) {
        assertThat(bytes(Path.of(name))).isEqualTo((name + "\0").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aRelativePathBecomesAbsolute() {
        byte[] all = bytes(Path.of("a"));
        assertThat(new String(all, StandardCharsets.UTF_8))
                .isEqualTo(Path.of("a").toAbsolutePath() + "\0");
    }

    private static byte[] bytes(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            return NativePath.of(path, arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
