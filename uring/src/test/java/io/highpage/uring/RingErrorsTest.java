// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.SideBySide;
import io.highpage.testkit.errors.ErrorsAnywhere.Mode;
import io.highpage.testkit.errors.ErrorsJvm;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Every operation of rings and every close meets the end of the stack and of the heap everywhere,
 * and leaves nothing.
 */
@ExtendWith(WithIoUring.class)
@Timeout(300)
class RingErrorsTest {
    private static SideBySide<Mode, String> outputs;

    @BeforeAll
    static void begin(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("in"), RingTest.random(1 << 16));
        outputs = new SideBySide<>(
                List.of(Mode.values()),
                mode -> ErrorsJvm.run(RingSteps.class, mode, file.toString()));
    }

    @AfterAll
    static void end() {
        outputs.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyStep_meetingAnErrorAnywhere_leavesNothing(Mode mode) throws Exception {
        String output = outputs.get(mode);
        System.out.print(output);
        assertThat(output).endsWith("leaks in all: 0\n");
    }
}
