// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.Highpage;
import io.highpage.outcome.DeviceTraffic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tokens a second with room for some of the blocks, against everything on the device and against
 * copies by hand. All ways run in one process, by turns, and have to give the same numbers.
 */
public final class Figure {
    private static final Shape SHAPE = Shape.GPT2_SMALL;
    private static final int REQUESTS = 6;
    private static final int FIRST = 2 * SHAPE.blockTokens(); // then the third block begins
    private static final int BLOCKS = 4 * REQUESTS;
    private static final int ON_DEVICE = 9;
    private static final int PASSES = 10;

    private Figure() {}

    /** A way to have the blocks on the device. */
    interface Way extends AutoCloseable {
        /** {@return what comes out for the next token of a request} */
        float[] decode(int request, int token) throws InterruptedException;

        /** {@return bytes of blocks copied to the device, and from it} */
        long bytesMoved();

        @Override
        void close();
    }

    public static void main(String[] arguments) throws Exception {
        if (!OpenClMachine.isThere()) {
            say("The figure compares with OpenCL's own copies, and there is no OpenCL device.");
            return;
        }
        Model model = new Model(SHAPE, 1);
        try (OpenClMachine one = OpenClMachine.open();
                OpenClMachine two = OpenClMachine.open();
                OpenClMachine three = OpenClMachine.open();
                Way all = new Paged(one, model, BLOCKS);
                Way half = new Paged(two, model, ON_DEVICE);
                Way byHand = new ByHand(three, model, ON_DEVICE)) {
            Map<String, Way> ways = new LinkedHashMap<>();
            ways.put("Highpage, room for 9", half);
            ways.put("everything on the device", all);
            ways.put("by hand, room for 9", byHand);
            say("device: %s", one.description());
            say(
                    "%d requests of %d tokens and more, 3 and then 4 blocks of %d tokens each;"
                            + " best of %d passes",
                    REQUESTS, FIRST, SHAPE.blockTokens(), PASSES);
            turn(ways, FIRST); // not counted
            for (int tokens : new int[] {1, 4}) {
                compare(ways, tokens);
            }
        }
    }

    private static void compare(Map<String, Way> ways, int tokens) throws InterruptedException {
        Map<String, Double> best = new LinkedHashMap<>();
        Map<String, Long> moved = new LinkedHashMap<>();
        for (int pass = 0; pass < PASSES; pass++) {
            Map<String, Long> before = new LinkedHashMap<>();
            ways.forEach((name, way) -> before.put(name, way.bytesMoved()));
            turn(ways, tokens)
                    .forEach((name, seconds) ->
                            best.merge(name, REQUESTS * tokens / seconds, Math::max));
            ways.forEach((name, way) ->
                    moved.merge(name, way.bytesMoved() - before.get(name), Long::sum));
        }
        say("%ntokens of a request before the next one has its turn: %d", tokens);
        say("%-26s %10s %15s %10s", "", "tokens/s", "Highpage is", "MiB/token");
        double own = best.values().iterator().next();
        best.forEach((name, perSecond) -> say(
                "%-26s %10.2f %13.2f x %10.2f",
                name,
                perSecond,
                own / perSecond,
                moved.get(name) / 1048576.0 / REQUESTS / tokens / PASSES));
    }

    /** {@return the seconds of each way} */
    private static Map<String, Double> turn(Map<String, Way> ways, int tokens)
            throws InterruptedException {
        Map<String, Double> seconds = new LinkedHashMap<>();
        float[] expected = {};
        for (Map.Entry<String, Way> entry : ways.entrySet()) {
            float[] out = {};
            long start = System.nanoTime();
            for (int request = 0; request < REQUESTS; request++) {
                for (int token = 0; token < tokens; token++) {
                    out = entry.getValue().decode(request, (request + token * 31) % 256);
                }
            }
            seconds.put(entry.getKey(), (System.nanoTime() - start) / 1e9);
            if (expected.length > 0 && !Arrays.equals(out, expected)) {
                throw new AssertionError(entry.getKey() + " gives other numbers");
            }
            expected = out;
        }
        return seconds;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    /** The example's own classes. */
    private static final class Paged implements Way {
        private final Highpage highpage;
        private final BlockCache cache;
        private final Decoder decoder;
        private final List<BlockCache.Lease> leases = new ArrayList<>();

        Paged(OpenClMachine machine, Model model, int onDevice) {
            highpage = Highpage.builder().device(machine.memory()).open();
            cache = new BlockCache(highpage, SHAPE, BLOCKS, onDevice);
            decoder = new Decoder(highpage, machine.kernels(SHAPE), model);
            for (int request = 0; request < REQUESTS; request++) {
                leases.add(cache.lease(List.of()));
            }
        }

        @Override
        public float[] decode(int request, int token) throws InterruptedException {
            return decoder.decode(leases.get(request), token);
        }

        @Override
        public long bytesMoved() {
            DeviceTraffic traffic = highpage.device().traffic();
            return traffic.bytesIn() + traffic.bytesOut();
        }

        @Override
        public void close() {
            leases.forEach(BlockCache.Lease::close);
            decoder.close();
            cache.close();
            highpage.close();
        }
    }
}
