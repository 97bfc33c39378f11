// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.Test;

import java.util.List;

class DevicesCommandTest {
    @Test
    void hostDevicesAreAlwaysListed() {
        assertThat(Cli.run("devices").succeeds().out())
                .contains(
                        "| name ",
                        "| used as ",
                        "| because ",
                        "| host ",
                        "| host-private ",
                        "coherent",
                        "private");
    }

    @Test
    void jsonHasEveryDeviceAndWhatIsMissing() {
        JsonNode json = Cli.run("devices", "--json").succeeds().json();
        List<String> names = json.get("devices").findValuesAsText("name");
        assertThat(names).contains("host", "host-private");
        boolean openCl = names.stream().anyMatch(name -> name.startsWith("opencl"));
        assertThat(json.get("missing").isEmpty()).isEqualTo(openCl);
    }

    @Test
    void hostMemoryOfTheMachineOrContainerIsTold() {
        JsonNode host = Cli.run("devices", "--json").succeeds().json().get("hostMemory");
        assertThat(host.get("limitBytes").asLong())
                .isGreaterThan(host.get("usedBytes").asLong());
        assertThat(Cli.run("devices").succeeds().out())
                .contains(" of " + host.get("of").asText() + " ", "are in use");
    }

    @Test
    void openClDevicesAreListedInAllTheirModes() {
        Cli.assumeOpenCl();
        assertThat(Cli.run("devices").succeeds().out()).contains("opencl:0", "opencl-buffer:0");
    }
}
