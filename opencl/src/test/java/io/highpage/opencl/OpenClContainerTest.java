// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.Devices;
import io.highpage.testkit.ControlGroup;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;

/** A driver on the CPU in a container that has less memory than is asked for. */
@Timeout(300)
class OpenClContainerTest {
    private static final long MIB = 1L << 20;

    /** Moves pages to each OpenCL device that is a CPU, in each mode. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            long bytes = Long.parseLong(arguments[0]) * MIB;
            Devices.find().stream()
                    .filter(device -> device.name().startsWith("opencl"))
                    .forEach(device -> {
                        System.out.println(device.name() + " has " + device.capacityBytes());
                        try (Highpage hp =
                                        Highpage.builder().device(device.open()).open();
                                PageBuffer buffer = hp.allocate(bytes)) {
                            System.out.println("prefetch: " + device.name() + " "
                                    + buffer.prefetch(hp.device()).failure());
                        }
                    });
        }
    }

    @Test
    void container_withAnOpenClDriverOnTheCpu_isNoDeathEither() throws Exception {
        try (ControlGroup group = ControlGroup.ofMemory(500 * MIB)) {
            String said = JavaProcess.run(
                    JavaProcess.small(group.inside(), List.of(), Child.class, "450"));
            assumeTrue(
                    said.contains("opencl:0 has "),
                    "a driver in a container was NOT tested: there is no OpenCL");
            assertThat(said)
                    .contains("opencl:0 has " + 500 * MIB)
                    .containsPattern("prefetch: opencl:0"
                            + " Optional\\[io.highpage.outcome.OutOfPageMemoryException");
        }
    }
}
