// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.OpenClSvm;
import io.highpage.bench.Requirements;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is run, in which order: what is compared runs side by side.
 *
 * @param form how much of it
 * @param device the device that pages come home from, as {@code highpage devices} names it
 * @param openClDevice the OpenCL device that is compared with other libraries on the same driver
 * @param others whether to run what has no row in the table of numbers to reach too
 */
public record Suite(Form form, String device, String openClDevice, boolean others) {
    private static final List<Integer> SMALL_AND_HUGE = List.of(4096, 2 << 20);

    /** {@return the tasks, in the order in which they run} */
    List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        pins(tasks);
        homes(tasks);
        peers(tasks);
        scarce(tasks);
        if (others) {
            others(tasks);
        }
        return tasks;
    }

    private void pins(List<Task> tasks) {
        long pages = form.rangePages();
        tasks.add(Task.of("PinBenchmark.baseline.*|one.*|whole.*Bare")
                .with("pageBytes", 4096)
                .with("pages", pages));
        tasks.add(Task.of("PinRangeBenchmark.baseline.*").with("pages", pages));
        tasks.add(Task.of("PinRangeBenchmark.rangeBare").with("pages", form.realPages()));
        tasks.add(Task.of("KernelPinBenchmark.baseline.*|rangeBare")
                .with("mappings", "base")
                .with("pages", pages)
                .unless(Requirements.ioUring()));
        tasks.add(Task.of("KernelPinBenchmark.baseline.*|whole.*")
                .with("mappings", "huge")
                .with("pages", pages)
                .unless(Requirements.ioUring().or(Requirements::hugePages)));
        form.heldBytes().forEach(bytes -> tasks.add(held(4096, bytes)));
        tasks.add(held(2 << 20, form.homeBytes()));
        form.tablePages()
                .forEach(count -> tasks.add(Task.of("TableBenchmark").with("pages", count)));
        tasks.add(threads(1));
        tasks.add(threads(2));
    }

    private static Task held(int pageBytes, long bytes) {
        return Task.of("KernelHeldBenchmark")
                .with("pageBytes", pageBytes)
                .with("bytes", bytes)
                .unless(Requirements.ioUring());
    }

    private static Task threads(int count) {
        return Task.of("ThreadsBenchmark.baselineOwnWord|pinOwnBuffer")
                .onThreads(count)
                .unless(Requirements.processors(count));
    }

    private void homes(List<Task> tasks) {
        for (int pageBytes : SMALL_AND_HUGE) {
            tasks.add(home("baselineMemcpy", pageBytes, Copying.DEFAULT));
            tasks.add(home("warm", pageBytes, Copying.JAVA));
            tasks.add(home("warm", pageBytes, Copying.JAVA_TWO).unless(Requirements.processors(2)));
            tasks.add(home("warm", pageBytes, Copying.NATIVE).unless(Requirements.nativeLibrary()));
            tasks.add(home("warm", pageBytes, Copying.NATIVE_TWO)
                    .unless(Requirements.nativeLibrary().or(() -> Requirements.processors(2))));
            tasks.add(home("warm|cold", pageBytes, Copying.DEFAULT));
        }
    }

    private Task home(String methods, int pageBytes, Copying copying) {
        return Task.of("PinHomeBenchmark." + methods)
                .with("device", device)
                .with("pageBytes", pageBytes)
                .with("bufferBytes", form.homeBytes())
                .by(copying);
    }

    /**
     * {@return the OpenCL devices that take turns with other libraries: one of each kind, unless
     * pages are to come home from a certain one}
     */
    List<String> turns() {
        String kind = openClDevice.replaceFirst(":.*", "");
        String number = openClDevice.substring(kind.length());
        return Stream.of("opencl", "opencl-private", "opencl-buffer")
                .filter(each -> each.equals(kind) || !device.equals(openClDevice))
                .map(each -> each + number)
                .toList();
    }

    private void peers(List<Task> tasks) {
        Optional<String> missing = Requirements.openCl(openClDevice);
        String leftOut = missing.isPresent()
                ? "none"
                : switch (OpenClSvm.of(openClDevice)) {
                    case NONE -> ".*SvmMemcpy";
                    case COARSE -> "joclSvmMemcpy";
                    case FINE -> "none";
                };
        if (form == Form.QUICK || !openClDevice.startsWith("opencl:")) {
            leftOut += "|.*ThroughArray"; // never the fastest, and the longest to wait for
        }
        for (long bytes : form.peerBytes(openClDevice)) {
            for (String methods : List.of("highpage", "(?!highpage|" + leftOut + ").*")) {
                tasks.add(Task.of("PeersBenchmark." + methods)
                        .with("device", openClDevice)
                        .with("bufferBytes", bytes)
                        .unless(missing));
            }
        }
    }

    private void scarce(List<Task> tasks) {
        Optional<String> missing = Requirements.openCl(openClDevice);
        tasks.add(scarce("fits|fourTimes", List.of("host", "host-private")));
        tasks.add(scarce("fits|fourTimes|baselineByHand", List.of(openClDevice)).unless(missing));
    }

    private Task scarce(String methods, List<String> devices) {
        return Task.of("ScarceBenchmark." + methods)
                .with("device", devices)
                .with("spans", form.scarceSpans());
    }

    /** What has no row in the table of numbers to reach. */
    private void others(List<Task> tasks) {
        boolean full = form != Form.MINIATURE;
        tasks.add(Task.of("PinBenchmark")
                .with("pageBytes", full ? List.of(65_536, 2 << 20) : List.of(65_536))
                .with("pages", 64));
        tasks.add(Task.of("TableBenchmark.baseline.*").with("pages", form.tablePages()));
        tasks.add(Task.of("PinRangeBenchmark.rangeRegistered").with("pages", form.rangePages()));
        for (String each : full ? Requirements.deviceNames() : List.of("host", "host-private")) {
            tasks.add(Task.of("MigrateBenchmark.roundTrip")
                    .with("device", each)
                    .with("bufferBytes", form.roundTripBytes()));
        }
        tasks.add(Task.of("MigrateBenchmark.baseline.*")
                .with("device", "host")
                .with("pageBytes", 4096)
                .with("bufferBytes", form.roundTripBytes())
                .unless(Requirements.nativeLibrary()));
        tasks.add(Task.of("PinStrategyBenchmark")
                .with("pages", full ? List.of(64, 4096, 65_536) : List.of(64)));
        tasks.add(Task.of("AccessBenchmark"));
        tasks.add(Task.of("EvictionPolicyBenchmark"));
        tasks.add(Task.of("HoldersUnderMigrationBenchmark.holds|pins")
                .with("pages", full ? 4096 : 64));
        tasks.add(Task.of("ThreadsBenchmark.baselineSameWord|pinOtherPages|pinSamePage")
                .onThreads(2));
    }
}
