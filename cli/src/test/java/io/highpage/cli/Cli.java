// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.device.Devices;

import picocli.CommandLine;

import java.io.StringWriter;
import java.util.Arrays;

/** What a command did, run inside the test's JVM. */
record Cli(int exitCode, String out, String err) {

    /** Runs a command. */
    static Cli run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Commands.line(out, err);
        int exitCode = commandLine.execute(
                Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        return new Cli(exitCode, out.toString(), err.toString());
    }

    static boolean hasOpenCl() {
        return Devices.find().stream().anyMatch(OpenClDevices::isOpenCl);
    }

    /** Leaves the test out where there is no OpenCL, unless it has to be there. */
    static void assumeOpenCl() {
        boolean there = hasOpenCl();
        if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_OPENCL"))) {
            assertThat(there)
                    .as("an OpenCL device, since HIGHPAGE_REQUIRE_OPENCL=true")
                    .isTrue();
        }
        assumeTrue(there, String.join("; ", Devices.missing()));
    }

    /**
     * As {@link #assumeOpenCl()}, if the device is an OpenCL one; the driver may not have memory of
     * this kind.
     */
    static void assumeDevice(String device) {
        if (device.startsWith("opencl")) {
            assumeOpenCl();
            boolean there = Devices.find().stream()
                    .anyMatch(found ->
                            found.name().equals(device) || found.name().equals(device + ":0"));
            assumeTrue(there, "the driver offers no " + device);
        }
    }

    /** Expects a failure that is told in words. */
    Cli fails(int code, String... messages) {
        assertThat(exitCode).as("%s", this).isEqualTo(code);
        assertThat(err)
                .startsWith("highpage: ")
                .contains(messages)
                .doesNotContain("\tat ", "bug in highpage");
        return this;
    }

    /** Expects success and silence on standard error. */
    Cli succeeds() {
        assertThat(err).isEmpty();
        assertThat(exitCode).as("%s", this).isZero();
        return this;
    }

    String lastLine() {
        return out.lines().reduce("", (last, line) -> line);
    }

    JsonNode json() {
        try {
            return new ObjectMapper().readTree(out);
        } catch (JsonProcessingException e) {
            throw new AssertionError(out, e);
        }
    }
}
