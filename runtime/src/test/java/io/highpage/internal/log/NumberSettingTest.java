// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.async.Workers;
import io.highpage.internal.work.SharedWork;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;

class NumberSettingTest {
    private static String told(String... options) throws IOException {
        return JavaProcess.run(JavaProcess.of(List.of(options), Settled.class));
    }

    @Test
    void numbers_areFollowed() throws IOException {
        assertThat(told("-Dhighpage.threads=5", "-Dhighpage.asyncThreads=0x7"))
                .isEqualTo("threads 5, asynchronous 7\n");
        assertThat(told("-Dhighpage.threads=0", "-Dhighpage.asyncThreads=-3"))
                .isEqualTo("threads 1, asynchronous 1\n");
    }

    @Test
    void whatIsNone_isTold_andNothingIsChanged() throws IOException {
        assertThat(told("-Dhighpage.threads=all", "-Dhighpage.asyncThreads=3000000000"))
                .contains("-Dhighpage.threads=all is no whole number below 2^31: it is "
                        + SharedWork.threads() + ", as if nothing had been said")
                .contains("-Dhighpage.asyncThreads=3000000000 is no whole number")
                .contains("threads " + SharedWork.threads() + ", asynchronous " + Workers.threads()
                        + "\n");
    }

    /** Says what has become of the settings. */
    static final class Settled {
        private Settled() {}

        public static void main(String[] arguments) {
            System.out.println(
                    "threads " + SharedWork.threads() + ", asynchronous " + Workers.threads());
        }
    }
}
