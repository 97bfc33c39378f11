// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit.errors;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.testkit.errors.ErrorsAnywhere.Mode;
import io.highpage.testkit.errors.ErrorsJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

/**
 * Every operation and every close meets StackOverflowError and OutOfMemoryError everywhere: nothing
 * is owned, counted, listed or mapped afterwards, or the same close works when it is called again.
 * With {@code HIGHPAGE_ERRORS_FULL=true} at every depth and every 16 bytes, all steps on every
 * device.
 */
class ErrorsAnywhereTest {
    private static final boolean FULL = Boolean.parseBoolean(System.getenv("HIGHPAGE_ERRORS_FULL"));

    /** What takes or gives back something by another way than the others. */
    private static final String SOME =
            "pin|pinPossible.*|access.*|prefetch|copyTo from device|close (pin"
                    + " partial|access|runtime)";

    private static void check(Mode mode, String device, String steps) throws IOException {
        String output = ErrorsJvm.run(PageSteps.class, mode, device, FULL ? ".*" : steps);
        System.out.print(output);
        assertThat(output).doesNotContain("LEAK").endsWith("leaks in all: 0\n");
    }

    @ParameterizedTest
    @EnumSource(names = {"STACK_INTERPRETED", "STACK_COMPILED", "HEAP_INTERPRETED"})
    void everyStep_onAPrivateDevice_leavesNothing(Mode mode) throws IOException {
        check(mode, "host-private", ".*(?<!verify)");
    }

    @Test
    void someSteps_compiledWithAFullHeap_leaveNothing() throws IOException {
        check(
                Mode.HEAP_COMPILED,
                "host-private",
                "pinPossible|prefetch|close (pin partial|runtime)");
    }

    @Test
    void everyStep_onEachOtherDevice_leavesNothing() throws IOException {
        check(Mode.STACK_INTERPRETED, "host", ".*");
        for (DeviceInfo device : Devices.find()) {
            if (!device.name().startsWith("host")) {
                check(Mode.STACK_INTERPRETED, device.name(), SOME);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyStep_onEveryDevice_leavesNothing(Mode mode) throws IOException {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                FULL, "the long form: HIGHPAGE_ERRORS_FULL=true");
        for (DeviceInfo device : Devices.find()) {
            check(mode, device.name(), ".*");
        }
    }
}
