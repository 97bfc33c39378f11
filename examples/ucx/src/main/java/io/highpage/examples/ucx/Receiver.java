// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The second process, which the first one starts: tells it where UCX can be reached, then when the
 * words of each round are on its device, and what they sum up to there. It ends when its input
 * does, that is with the first one at the latest.
 */
public final class Receiver {
    private Receiver() {}

    /**
     * The program.
     *
     * @param arguments those of {@link Sender}
     */
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        int status = 0;
        try {
            receive(Options.parse(List.of(arguments)), out);
        } catch (IOException | HighpageException | IllegalArgumentException failed) {
            out.println("failed " + failed.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private static void receive(Options options, PrintStream out) throws IOException {
        AtomicBoolean firstEnded = new AtomicBoolean();
        Thread watch = new Thread(() -> awaitEnd(firstEnded), "watch");
        watch.setDaemon(true);
        watch.start();
        try (Arena arena = Arena.ofConfined();
                Words words = Words.on(options.device(), options.bytes());
                Highpage highpage = words.highpage();
                PageBuffer buffer = highpage.allocate(options.bytes(), Sender.PAGE);
                Link link =
                        new Link(() -> !firstEnded.get(), Duration.ofSeconds(options.seconds()))) {
            Staging staging = Staging.allocate(arena, options.bytes());
            out.println("address " + link.address());
            for (int round = 0; round < options.rounds(); round++) {
                Way.of(round, options.compare()).receive(buffer, link, staging);
                try (DeviceAccess access = buffer.access(highpage.device(), AccessMode.READ)) {
                    out.println("there " + round);
                    out.println("sum " + words.checksum(access));
                }
            }
            link.serve(); // it may need answers to what it sent last
        }
    }

    /** Nothing is sent here; the input ends with the process that has the other end of it. */
    private static void awaitEnd(AtomicBoolean ended) {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException gone) {
            // as if it had ended
        }
        ended.set(true);
    }
}
