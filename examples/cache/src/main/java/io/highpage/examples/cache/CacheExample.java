// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.Highpage;
import io.highpage.outcome.DeviceTraffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Requests that begin the same, decoded by turns, with room on the device for a part of their
 * blocks. Then what came out last for each is compared with plain Java.
 */
public final class CacheExample {
    private static final Shape SHAPE = Shape.GPT2_SMALL;
    private static final int REQUESTS = 4;
    private static final int BLOCKS = 20;
    private static final int ON_DEVICE = 6;
    private static final int TURNS = 3;
    private static final int TURN_TOKENS = 6;

    private CacheExample() {}

    public static void main(String[] arguments) throws Exception {
        Model model = new Model(SHAPE, 1);
        List<Integer> beginning = tokens(2, 2 * SHAPE.blockTokens());
        try (Machine machine = Machine.best();
                Highpage highpage = Highpage.builder().device(machine.memory()).open();
                BlockCache cache = new BlockCache(highpage, SHAPE, BLOCKS, ON_DEVICE);
                Decoder decoder = new Decoder(highpage, machine.kernels(SHAPE), model)) {
            say("device: %s", machine.description());
            say(
                    "%d blocks of %d tokens, %d of them on the device at a time",
                    BLOCKS, SHAPE.blockTokens(), ON_DEVICE);
            List<BlockCache.Lease> requests = new ArrayList<>();
            try (BlockCache.Lease first = cache.lease(beginning)) {
                decoder.generate(first, beginning, 0);
                try (BlockCache.Kept kept = cache.keep(first)) {
                    run(cache, decoder, beginning, requests);
                }
                report(highpage, cache);
                check(model, decoder, requests);
            } finally {
                requests.forEach(BlockCache.Lease::close);
            }
            say("leased in the end: %d blocks", cache.leased());
        }
    }

    private static void run(
            BlockCache cache,
            Decoder decoder,
            List<Integer> beginning,
            List<BlockCache.Lease> requests)
            throws InterruptedException {
        for (int number = 0; number < REQUESTS; number++) {
            List<Integer> prompt = new ArrayList<>(beginning);
            prompt.addAll(tokens(3 + number, 8));
            BlockCache.Lease lease = cache.lease(prompt);
            requests.add(lease);
            say("request %d: %d of %d tokens found", number, lease.length(), prompt.size());
            decoder.generate(lease, prompt, 0);
        }
        requests.add(requests.getFirst().fork());
        say("request %d: a fork of request 0", REQUESTS);
        long start = System.nanoTime();
        for (int turn = 0; turn < TURNS; turn++) {
            for (int number = 0; number < requests.size(); number++) {
                // The first token of a turn is what a user said, so that forks differ.
                List<Integer> more = new ArrayList<>(requests.get(number).tokens());
                more.add((turn + 7 * number) % Shape.VOCABULARY);
                decoder.generate(requests.get(number), more, TURN_TOKENS - 1);
            }
        }
        int decoded = TURNS * TURN_TOKENS * requests.size();
        double seconds = (System.nanoTime() - start) / 1e9;
        say("%d tokens by turns, %.1f a second", decoded, decoded / seconds);
    }

    private static void report(Highpage highpage, BlockCache cache) {
        DeviceTraffic moved = highpage.device().traffic();
        say(
                "leased: %d blocks; %d left the device for others, %d of them without a copy",
                cache.leased(), moved.spansEvicted(), moved.spansEvictedFree());
    }

    private static void check(Model model, Decoder decoder, List<BlockCache.Lease> requests)
            throws InterruptedException {
        double most = 0;
        for (BlockCache.Lease lease : List.of(requests.getFirst(), requests.getLast())) {
            PlainDecoder plain = new PlainDecoder(model);
            lease.tokens().forEach(plain::decode);
            float[] out = decoder.decode(lease, 0);
            most = Math.max(most, PlainDecoder.difference(out, plain.decode(0)));
        }
        if (!(most < 1e-3)) {
            throw new AssertionError("differs from plain Java by " + most);
        }
        say("checked: request 0 and its fork are those of plain Java, within %.0e", most);
    }

    private static List<Integer> tokens(long seed, int count) {
        return new SplittableRandom(seed)
                .ints(count, 0, Shape.VOCABULARY)
                .boxed()
                .toList();
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
