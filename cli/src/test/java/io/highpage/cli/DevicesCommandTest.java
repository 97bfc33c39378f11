// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class DevicesCommandTest {
    @Test
    void hostDevicesAreAlwaysListed() {
        assertThat(Cli.run("devices").succeeds().out())
                .contains(
                        "host              coherent, ",
                        "\n                  host memory: the CPU can touch it in place\n",
                        "host-private      private, ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"devices", "doctor", "--help", "run --help"})
    void linesFitATerminalUnlessAWordDoesNot(String command) {
        assertThat(Cli.run((Object[]) command.split(" ")).out().lines())
                .allMatch(line -> line.length() <= 80 || !line.strip().contains(" "));
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
