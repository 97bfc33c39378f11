// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The first process: makes words on a device, sends them to a second one, which it starts, and
 * compares what they sum up to on both devices.
 */
public final class Sender {
    /** Pages that move at once. */
    static final long PAGE = 64 << 10;

    private Sender() {}

    /**
     * The program.
     *
     * @param arguments see {@link Options#USAGE}
     */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out));
    }

    /** {@return 0, or 1 if it failed, or 2 if the command line is wrong} */
    static int run(List<String> arguments, PrintStream out) {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            out.println("ucx: " + wrong.getMessage());
            out.print(Options.USAGE);
            return 2;
        }
        try {
            send(options, arguments, out);
            return 0;
        } catch (IOException | HighpageException | IllegalArgumentException failed) {
            out.println("ucx: " + failed.getMessage());
            return 1;
        }
    }

    private static void send(Options options, List<String> arguments, PrintStream out)
            throws IOException {
        requireSignals();
        Duration limit = Duration.ofSeconds(options.seconds());
        try (Arena arena = Arena.ofConfined();
                Words words = Words.on(options.device(), options.bytes());
                Highpage highpage = words.highpage();
                PageBuffer buffer = highpage.allocate(options.bytes(), PAGE);
                Peer peer = Peer.start(Receiver.class, arguments, limit);
                Link link = new Link(peer::isAlive, limit)) {
            out.println("this is process " + ProcessHandle.current().pid() + ", the other one "
                    + peer.pid() + "; " + words.description());
            link.connect(peer.hear("address"));
            Map<Way, List<Long>> nanos = new EnumMap<>(Way.class);
            Staging staging = Staging.allocate(arena, options.bytes());
            for (int round = 0; round < options.rounds(); round++) {
                long sum = make(words, buffer, highpage.device(), round);
                Way way = Way.of(round, options.compare());
                long start = System.nanoTime();
                way.send(buffer, link, staging);
                peer.hear("there");
                nanos.computeIfAbsent(way, any -> new ArrayList<>()).add(System.nanoTime() - start);
                check(round, sum, Long.parseLong(peer.hear("sum")));
                if (round == 0) {
                    out.println("the first round is there");
                }
            }
            link.flush();
            report(options, nanos, out);
        }
    }

    private static void requireSignals() throws IOException {
        if (System.getenv("UCX_ERROR_SIGNALS") == null) {
            throw new IOException("set UCX_ERROR_SIGNALS= in the environment: UCX takes signals"
                    + " otherwise that the JVM needs");
        }
    }

    /** {@return what the words sum up to} */
    private static long make(Words words, PageBuffer buffer, Device device, int round) {
        try (DeviceAccess access = buffer.access(device, AccessMode.WRITE)) {
            words.fill(access, round);
        }
        try (DeviceAccess access = buffer.access(device, AccessMode.READ)) {
            return words.checksum(access);
        }
    }

    private static void check(int round, long sent, long received) throws IOException {
        if (sent != received) {
            throw new IOException("round " + round + ": the words sum up to " + sent
                    + " here and to " + received + " there");
        }
    }

    private static void report(Options options, Map<Way, List<Long>> nanos, PrintStream out) {
        out.println(options.rounds() + " rounds of " + (options.bytes() >> 20)
                + " MiB, all sums equal on both devices");
        double pinned = median(nanos.get(Way.PINNED));
        nanos.forEach((way, times) -> out.printf(
                "%s: %.2f times the time of pinned pages, %.2f GB/s from device to device%n",
                way, median(times) / pinned, options.bytes() / median(times)));
    }

    private static double median(List<Long> times) {
        List<Long> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
