// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
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
        // Beside a driver with devices there may be others without.
        assertThat(openCl || !json.get("missing").isEmpty()).isTrue();
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

    @Test
    void discoveryIsTheResourceOfADiscoveryScript() {
        Cli.assumeOpenCl();
        assertThat(discovered("--device", "opencl:0"))
                .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"opencl:0\"]}\n");
        assertThat(discovered("--device", "opencl", "--device=opencl:0", "--resource=fpga"))
                .isEqualTo("{\"name\":\"fpga\",\"addresses\":[\"opencl:0\"]}\n");
    }

    @Test
    void discoveryFindsTheBestOpenClDeviceAndThoseAsGood() {
        Cli.assumeOpenCl();
        List<DeviceInfo> openCl =
                Devices.find().stream().filter(OpenClDevices::isOpenCl).toList();
        List<String> best = openCl.stream()
                .filter(device -> device.preferred() == openCl.getFirst().preferred())
                .map(DeviceInfo::name)
                .toList();
        JsonNode json = Cli.run("devices", "--discovery").succeeds().json();
        assertThat(json.get("addresses"))
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(best);
        assertThat(best).allMatch(name -> name.startsWith("opencl:"));
    }

    @Test
    void sharesOfADeviceHaveAddressesOfTheirOwn() {
        Cli.assumeOpenCl();
        assertThat(discovered("--device=opencl-buffer:0", "--device=opencl:0", "--per-device=2"))
                .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"opencl-buffer:0/2#1\","
                        + "\"opencl-buffer:0/2#2\",\"opencl:0/2#1\",\"opencl:0/2#2\"]}\n");
    }

    @Test
    void discoveryOfWhatMakesNoSenseIsRefused() {
        Cli.run("devices", "--discovery", "--per-device", "0")
                .fails(2, "--per-device 0 is less than 1");
        Cli.run("devices", "--discovery", "--resource", "a.b")
                .fails(2, "--resource 'a.b' cannot be the name of a resource", "without dots");
        Cli.run("devices", "--per-device", "2").fails(2, "--discovery");
        Cli.run("devices", "--discovery", "--device", "host")
                .fails(2, "--device host is no OpenCL device");
        Cli.run("devices", "--discovery", "--device", "opencl:99").fails(2, "opencl:99");
    }

    private static String discovered(String... options) {
        List<String> command = new ArrayList<>(List.of("devices", "--discovery"));
        command.addAll(List.of(options));
        return Cli.run(command.toArray()).succeeds().out();
    }
}
