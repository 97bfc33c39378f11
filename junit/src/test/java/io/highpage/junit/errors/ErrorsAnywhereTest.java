// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit.errors;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.testkit.SideBySide;
import io.highpage.testkit.errors.ErrorsAnywhere.Mode;
import io.highpage.testkit.errors.ErrorsJvm;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

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

    private static final String PRIVATE_STEPS = ".*(?<!verify)";

    /** What is tried in a JVM of its own; the longest ones first. */
    private static final List<Try> SHORT = List.of(
            new Try(
                    Mode.HEAP_COMPILED,
                    "host-private",
                    "pinPossible|prefetch|close (pin partial|runtime)"),
            new Try(Mode.STACK_INTERPRETED, "host-private", PRIVATE_STEPS),
            new Try(Mode.HEAP_INTERPRETED, "host-private", PRIVATE_STEPS),
            new Try(Mode.STACK_INTERPRETED, "host", ".*"),
            new Try(Mode.STACK_COMPILED, "host-private", PRIVATE_STEPS));

    private static List<Try> tries;
    private static SideBySide<Try, String> outputs;

    private record Try(Mode mode, String device, String steps) {
        String output() throws Exception {
            return ErrorsJvm.run(PageSteps.class, mode, device, steps);
        }
    }

    @BeforeAll
    static void begin() {
        List<String> devices = Devices.find().stream().map(DeviceInfo::name).toList();
        Stream<Try> some = devices.stream()
                .filter(device -> !device.startsWith("host"))
                .map(device -> new Try(Mode.STACK_INTERPRETED, device, SOME));
        Stream<Try> all = devices.stream()
                .flatMap(device ->
                        Stream.of(Mode.values()).map(mode -> new Try(mode, device, ".*")));
        tries = (FULL ? all : Stream.concat(SHORT.stream(), some)).toList();
        outputs = new SideBySide<>(tries, Try::output);
    }

    @AfterAll
    static void end() {
        outputs.close();
    }

    static List<Try> tries() {
        return tries;
    }

    @ParameterizedTest
    @MethodSource("tries")
    void everyStep_meetingAnErrorAnywhere_leavesNothing(Try one) throws Exception {
        String output = outputs.get(one);
        System.out.print(output);
        assertThat(output).doesNotContain("LEAK").endsWith("leaks in all: 0\n");
    }
}
