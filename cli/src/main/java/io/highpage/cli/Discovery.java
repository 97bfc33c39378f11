// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.UserError;
import io.highpage.device.DeviceInfo;

import picocli.CommandLine.Option;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What Spark's discovery scripts print: a resource and its addresses. */
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class Discovery {
    /** Spark ends a name at the next dot of its settings. */
    private static final Pattern RESOURCE = Pattern.compile("[^\\s.]+");

    @Option(
            names = "--discovery",
            required = true,
            description = "Print the OpenCL devices as the addresses of a resource of Apache"
                    + " Spark: what a discovery script of spark.*.resource.gpu.discoveryScript"
                    + " prints. The best device, and those that are as good.")
    private boolean asked;

    @Option(
            names = "--resource",
            paramLabel = "NAME",
            defaultValue = "gpu",
            description = "What Spark's settings call the resource; ${DEFAULT-VALUE} if not given.")
    private String resource;

    @Option(
            names = "--per-device",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many executors share each device: so many addresses, such as"
                    + " opencl:0/2#1 and opencl:0/2#2, each a part of its memory; ${DEFAULT-VALUE}"
                    + " if not given.")
    private int perDevice;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "A device that is printed; may be given again for others.")
    private List<String> names = List.of();

    /**
     * {@return the resource as one line of JSON}
     *
     * @throws UserError if an option makes no sense, or there is no OpenCL device
     */
    String found() {
        if (!RESOURCE.matcher(resource).matches()) {
            throw UserError.usage("--resource '" + resource
                    + "' cannot be the name of a resource: Spark takes names without dots and"
                    + " spaces, such as gpu");
        }
        if (perDevice < 1) {
            throw UserError.usage("--per-device " + perDevice + " is less than 1");
        }
        List<String> addresses = devices().flatMap(this::addresses).toList();
        return Json.line(Json.object("name", resource, "addresses", addresses));
    }

    private Stream<String> devices() {
        if (!names.isEmpty()) {
            return names.stream()
                    .map(name -> DeviceOptions.openClNamed(name).name())
                    .distinct();
        }
        List<DeviceInfo> found = DeviceOptions.openCl();
        int best = found.getFirst().preferred();
        return found.stream().filter(device -> device.preferred() == best).map(DeviceInfo::name);
    }

    /** Spark tells executors apart by address, so that those of one device must differ. */
    private Stream<String> addresses(String device) {
        return perDevice == 1
                ? Stream.of(device)
                : IntStream.rangeClosed(1, perDevice)
                        .mapToObj(share -> device + "/" + perDevice + "#" + share);
    }
}
