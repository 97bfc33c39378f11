// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import static io.highpage.bench.report.Comparison.cost;
import static io.highpage.bench.report.Comparison.speed;
import static io.highpage.bench.report.Comparison.spread;
import static io.highpage.bench.report.Target.atLeast;
import static io.highpage.bench.report.Target.atMost;

import io.highpage.bench.Numbers;
import io.highpage.bench.Quantity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The numbers to reach: every row of the result, whether it can be measured here or not. */
final class Goals {
    private static final List<String> PEERS = Stream.of("jocl", "lwjgl")
            .flatMap(library -> Stream.of("SvmMemcpy", "WriteAndRead", "MapAndCopy", "ThroughArray")
                    .map(way -> "PeersBenchmark." + library + way))
            .toList();

    private final Suite suite;
    private final Form form;
    private final List<Goal> goals = new ArrayList<>();

    private Goals(Suite suite) {
        this.suite = suite;
        this.form = suite.form();
    }

    /** {@return the rows of a suite} */
    static List<Goal> of(Suite suite) {
        Goals goals = new Goals(suite);
        goals.pins();
        goals.held();
        goals.homes(4096, "4k");
        goals.homes(2 << 20, "2m");
        goals.peers(suite.openClDevice());
        for (String device : suite.turns()) {
            goals.turns(device);
        }
        goals.parts();
        goals.sharing();
        goals.growth();
        goals.rest();
        goals.scarce();
        goals.events();
        return goals.goals;
    }

    private void pins() {
        long pages = form.rangePages();
        goals.add(new Goal(
                "bare-pin-one-page",
                "bare pin and unpin of a page at home, to two bare compare-and-sets",
                atMost(2.5),
                of -> cost(pin(of, "onePageBare"), pin(of, "baselineTwoCompareAndSets"))));
        goals.add(new Goal(
                "bare-pin-one-page-garbage",
                "the same: bytes of garbage",
                atMost(200),
                of -> new Comparison(
                        pin(of, "onePageBare").bytesPerOperation(), "pin, arena and segment")));
        goals.add(new Goal(
                "registered-pin-one-page",
                "the same, registered (the default)",
                atMost(3),
                of -> cost(pin(of, "onePageRegistered"), pin(of, "baselineTwoCompareAndSets"))));
        goals.add(new Goal(
                "range-65536-pages",
                "bare pin and unpin page by page, to two bare compare-and-sets a page",
                atMost(1.3),
                of -> cost(
                        of.of("PinRangeBenchmark.rangeBare", "pages", pages),
                        of.of(
                                "PinRangeBenchmark.baselineTwoCompareAndSetsAPage",
                                "pages",
                                pages))));
        goals.add(new Goal(
                "range-vs-kernel-pin-4k",
                "the same: times as fast as the kernel's pin of the same memory in 4 KiB mappings",
                atLeast(6),
                of -> speed(
                        kernel(of, "rangeBare", "base"), kernel(of, "baselineKernelPin", "base"))));
        goals.add(new Goal(
                "whole-buffer",
                "bare pin and unpin of a whole buffer, to one page (the same within 10 %)",
                atMost(1.1),
                of -> cost(pin(of, "wholeBufferBare"), pin(of, "onePageBare"))));
        goals.add(new Goal(
                "whole-buffer-vs-kernel-huge",
                "the same: times as fast as the kernel's pin of the same memory in huge pages",
                atLeast(1),
                of -> speed(
                        kernel(of, "wholeBufferBare", "huge"),
                        kernel(of, "baselineKernelPin", "huge"))));
    }

    private void held() {
        for (long bytes : form.heldBytes()) {
            String size = Numbers.size(bytes);
            held("", "heldRange", 4096, bytes, size + " of a buffer");
            held("whole-", "heldWhole", 4096, bytes, "a whole buffer of " + size);
        }
        long bytes = form.homeBytes();
        String size = Numbers.size(bytes);
        held("2m-", "heldRange", 2 << 20, bytes, size + " of a buffer in pages of 2 MiB");
    }

    private void held(String name, String method, int pageBytes, long bytes, String what) {
        goals.add(new Goal(
                "kernel-held-" + name + Numbers.size(bytes).replace(" ", ""),
                "pin and unpin that the kernel holds, of " + what
                        + " that a ring has once, registered and let go of, in µs",
                atMost(1),
                of -> {
                    Figure held = held(of, method, pageBytes, bytes);
                    Figure kernel = held(of, "baselineKernelPin", pageBytes, bytes);
                    return new Comparison(
                            held.nanos() / 1000,
                            Numbers.time(held.nanos()) + " against " + Numbers.time(kernel.nanos())
                                    + " of the kernel's pin in 4 KiB mappings");
                }));
    }

    private static Figure held(Figures of, String method, int pageBytes, long bytes) {
        return of.of("KernelHeldBenchmark." + method, "pageBytes", pageBytes, "bytes", bytes);
    }

    private Figure pin(Figures of, String method) {
        return of.of("PinBenchmark." + method, "pageBytes", 4096, "pages", form.rangePages());
    }

    private static Figure kernel(Figures of, String method, String mappings) {
        return of.of("KernelPinBenchmark." + method, "mappings", mappings);
    }

    private void homes(int pageBytes, String name) {
        home("migrate-java-" + name, "in pure Java, one thread", pageBytes, Copying.JAVA, 1);
        home(
                "migrate-java-two-threads-" + name,
                "in pure Java, two threads",
                pageBytes,
                Copying.JAVA_TWO,
                1);
        home("migrate-native-" + name, "native, one thread", pageBytes, Copying.NATIVE, 1.25);
        home(
                "migrate-native-two-threads-" + name,
                "native, two threads",
                pageBytes,
                Copying.NATIVE_TWO,
                2);
        goals.add(new Goal(
                "cold-window-" + name,
                "the same into a window without memory, to one with",
                atLeast(0.4),
                of -> speed(
                        home(of, "cold", Copying.DEFAULT, pageBytes),
                        home(of, "warm", Copying.DEFAULT, pageBytes))));
    }

    private void home(String name, String how, int pageBytes, Copying copying, double atLeast) {
        goals.add(new Goal(
                name,
                "pin that brings " + Numbers.size(form.homeBytes()) + " home in pages of "
                        + Numbers.size(pageBytes) + ", " + how + ": times as fast as one memcpy",
                atLeast(atLeast),
                of -> speed(
                        home(of, "warm", copying, pageBytes),
                        home(of, "baselineMemcpy", Copying.DEFAULT, pageBytes))));
    }

    private static Figure home(Figures of, String method, Copying copying, int pageBytes) {
        return of.of(copying, 1, "PinHomeBenchmark." + method, "pageBytes", pageBytes);
    }

    private void peers(String device) {
        String name = device.replaceFirst(":.*", "").replaceFirst("opencl", "peers");
        String kind = device.replaceFirst(":.*", "").replaceFirst("opencl", "OpenCL");
        for (long bytes : form.peerBytes(device)) {
            String size = Numbers.size(bytes);
            goals.add(new Goal(
                    name + "-" + size.replace(" ", ""),
                    "round trip of " + size + " to an " + kind
                            + " device: times as fast as the best of JOCL and LWJGL",
                    atLeast(1),
                    of -> speed(
                            of.of(
                                    "PeersBenchmark.highpage",
                                    "device",
                                    device,
                                    "bufferBytes",
                                    bytes),
                            of.any(PEERS, "device", device, "bufferBytes", bytes))));
        }
    }

    private void turns(String device) {
        String kind = device.replaceFirst(":.*", "");
        for (Condition condition : Condition.values()) {
            for (int bytes : form.turnsBytes(condition)) {
                String size = Numbers.size(bytes);
                goals.add(new Goal(
                        "turns-" + kind + "-" + condition.id() + "-" + size.replace(" ", ""),
                        "round trip of " + size + " to " + kind
                                + ", by turns with JOCL and LWJGL, " + condition.text()
                                + ": times as fast as the best of them",
                        atLeast(1),
                        of -> counted(
                                of.quantity(PeersRun.quantity(condition, device) + "." + bytes))));
            }
        }
    }

    private void parts() {
        for (String device : List.of("opencl-private", "opencl-buffer")) {
            goals.add(new Goal(
                    "own-" + device,
                    "round trip of a page of 4 KiB to " + device
                            + ": µs that are not the driver's calls",
                    atMost(1),
                    of -> {
                        Quantity own = of.quantity("parts." + device + ".own");
                        return new Comparison(own.value() / 1000, own.note());
                    }));
        }
    }

    private void sharing() {
        for (Condition condition : Condition.values()) {
            for (long bytes : form.sharedBytes()) {
                String size = Numbers.size(bytes);
                goals.add(new Goal(
                        "shared-" + condition.id() + "-" + size.replace(" ", ""),
                        "copy of " + size + " that threads share, to one that they do not, "
                                + condition.text(),
                        atMost(1.03),
                        of -> counted(of.quantity(SharingRun.quantity(condition, bytes)))));
            }
        }
    }

    private void growth() {
        goals.add(new Goal(
                "growth-table-range",
                "pin by range, page table alone of 64 to 16 million pages: largest cost a page"
                        + " to the smallest",
                atMost(1.1),
                of -> spread(table(of, "pinRange"), true)));
        goals.add(new Goal(
                "growth-table-whole",
                "pin of the whole, the same tables: largest cost to the smallest",
                atMost(1.1),
                of -> spread(table(of, "pinWhole"), false)));
        goals.add(new Goal(
                "growth-real-memory",
                "pin by range, real memory to " + Numbers.size(form.realPages().getLast() * 4096)
                        + ": largest cost a page to the smallest",
                atMost(1.1),
                of -> spread(
                        form.realPages().stream()
                                .map(pages -> of.of("PinRangeBenchmark.rangeBare", "pages", pages))
                                .toList(),
                        true)));
    }

    private List<Figure> table(Figures of, String method) {
        return form.tablePages().stream()
                .map(pages -> of.of("TableBenchmark." + method, "pages", pages))
                .toList();
    }

    private void rest() {
        goals.add(new Goal(
                "metadata-table",
                "bytes of the page table, to 8 a page and 8",
                atMost(1.01),
                of -> counted(of.quantity("metadata.table"))));
        goals.add(new Goal(
                "metadata-java-objects",
                "Java objects a page that a buffer, its moves and its pins allocate, at most",
                atMost(0.1),
                of -> counted(of.quantity("metadata.javaObjects"))));
        goals.add(new Goal(
                "two-threads-different-buffers",
                "what two threads gain that pin different buffers, to what they gain on bare"
                        + " compare-and-sets",
                atLeast(0.9),
                Goals::gain));
    }

    private void scarce() {
        goals.add(new Goal(
                "scarce-by-hand",
                "work on four times the memory of an OpenCL device: times as fast as with cl_mem"
                        + " written and read by hand",
                atLeast(1),
                of -> {
                    Figure byHand = of.of("ScarceBenchmark.baselineByHand");
                    return speed(
                            of.of(
                                    "ScarceBenchmark.fourTimes",
                                    "device",
                                    byHand.params().get("device")),
                            byHand);
                }));
        for (String device : List.of("host", "host-private", "opencl")) {
            goals.add(new Goal(
                    "scarce-moved-" + device,
                    "bytes that move then, to the least possible, on " + device,
                    atMost(1.15),
                    of -> counted(of.quantity("scarce." + device + ".moved"))));
            goals.add(new Goal(
                    "scarce-free-" + device,
                    "the same: share of the bytes evicted that cost no copy",
                    atLeast(0.9),
                    of -> counted(of.quantity("scarce." + device + ".freeByPage"))));
        }
        goals.add(new Goal(
                "room-32-mib",
                "99.9th percentile of making room for 32 MiB under load, clean pages of 2 MiB,"
                        + " in µs",
                atMost(50),
                Goals::room));
    }

    private void events() {
        event("events-off-pin", "pin while somebody records other things", "off.pin", 1.01);
        event("events-off-round-trip", "the same of 4 KiB there and home", "off.roundTrip", 1.01);
        event(
                "events-continuous",
                "work that migrates all the time while its events are recorded, with the"
                        + " continuous settings",
                "continuous.migrating",
                1.01);
    }

    private void event(String name, String what, String quantity, double most) {
        goals.add(new Goal(
                name,
                what + ": processor time, to that while nobody records",
                atMost(most),
                of -> counted(of.quantity("events." + quantity))));
    }

    private static Comparison room(Figures of) {
        Quantity room = of.quantity("room.clean2m");
        String nothing = of.quantity("room.nothingFor50Micros").note();
        return new Comparison(
                room.value() / 1000, room.note() + "; beside it nothing but 50 µs: " + nothing);
    }

    private static Comparison counted(Quantity quantity) {
        return new Comparison(quantity.value(), quantity.note());
    }

    private static Comparison gain(Figures of) {
        double pins = gain(of, "ThreadsBenchmark.pinOwnBuffer");
        double words = gain(of, "ThreadsBenchmark.baselineOwnWord");
        return new Comparison(
                pins / words,
                Numbers.text(pins) + " times as many against " + Numbers.text(words) + " times");
    }

    /**
     * Times are of one operation on one thread: two threads that do not disturb each other take as
     * long as one.
     */
    private static double gain(Figures of, String benchmark) {
        return 2
                * of.of(Copying.DEFAULT, 1, benchmark).nanos()
                / of.of(Copying.DEFAULT, 2, benchmark).nanos();
    }
}
