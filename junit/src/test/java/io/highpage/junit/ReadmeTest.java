// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.testkit.Example;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this module's README shows is run: the class here, the lines of a pom by ProjectsTest. */
class ReadmeTest {
    private static final Path README = Path.of("README.md");

    // spotless:off
    @Nested
    // example
    @ExtendWith(HighpageLeakCheck.class)
    class SumTest {
        @ForEachDevice
        void sum_ofAPage_isRight(DeviceInfo device) {
            try (Highpage hp = Highpage.builder().device(device.open()).open();
                    PageBuffer buffer = hp.allocate(4096)) {
                buffer.fill((byte) 1);
                buffer.prefetch(hp.device());
                try (Pin pin = buffer.pin(Pin.longTerm())) {
                    assertEquals(1, pin.segment().get(ValueLayout.JAVA_BYTE, 4095));
                }
            }
        }
    }
    // end of example
    // spotless:on

    @Test
    void readme_showsTheTestThatRunsHere() throws IOException {
        assertThat(README).content().contains(Example.block(ReadmeTest.class));
    }

    @Test
    void readme_showsThePluginThatProjectsAreBuiltWith() throws IOException {
        String pom = Files.readString(Path.of("src/test/projects/pom.xml"));
        String plugin = pom.substring(
                        pom.indexOf("<!-- surefire -->\n") + "<!-- surefire -->\n".length(),
                        pom.indexOf("      <!-- end of surefire -->"))
                .stripTrailing()
                .stripIndent();
        assertThat(README).content().contains("```xml\n" + plugin + "\n```");
    }

    @Test
    void readme_listsTheLikenesses() {
        Likeness.NAMES.forEach((name, what) ->
                assertThat(README).content().contains("| `" + name + "` | " + what + " |"));
    }
}
