// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.host.HostDevice;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;

/**
 * A close that has counted down and then fails, since what tells of a lack of memory cannot be
 * loaded, counts down twice.
 */
class LogIsReadyTest {
    @Test
    void whatTellsOfALackOfMemory_isThereBeforeIt() throws IOException {
        assertThat(JavaProcess.run(JavaProcess.of(
                        List.of("--enable-native-access=ALL-UNNAMED", "-Xlog:class+load"),
                        Opened.class)))
                .contains(Log.class.getName() + " source", "java.lang.System$Logger$Level source");
    }

    /** Opens a runtime, and nothing goes wrong. */
    static final class Opened {
        private Opened() {}

        public static void main(String[] arguments) {
            Highpage.builder().device(HostDevice.coherent(1 << 20)).open().close();
        }
    }
}
