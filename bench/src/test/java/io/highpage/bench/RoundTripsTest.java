// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.host.HostDevice;
import io.highpage.outcome.DeviceTraffic;

import org.junit.jupiter.api.Test;

/** A benchmark of moves copies: pages that are valid where they go cost nothing. */
class RoundTripsTest {
    private static final int PAGE = 4096;
    private static final int BYTES = 16 * PAGE;

    @Test
    void migrate_copiesBothWays() {
        MigrateBenchmark benchmark = new MigrateBenchmark();
        benchmark.device = "host-private";
        benchmark.pageBytes = PAGE;
        benchmark.bufferBytes = BYTES;
        benchmark.open();
        try {
            assertCopies(benchmark.hp, BYTES, BYTES, benchmark::roundTrip);
        } finally {
            benchmark.close();
        }
    }

    @Test
    void pinHome_copiesHome() {
        PinHomeBenchmark.Sizes sizes = new PinHomeBenchmark.Sizes();
        sizes.device = "host";
        sizes.pageBytes = PAGE;
        sizes.bufferBytes = BYTES;

        PinHomeBenchmark.Warm warm = new PinHomeBenchmark.Warm();
        warm.open(sizes);
        try {
            assertCopies(warm.hp, BYTES, BYTES, () -> {
                warm.out();
                new PinHomeBenchmark().warm(warm);
            });
        } finally {
            warm.close();
        }

        PinHomeBenchmark.Cold cold = new PinHomeBenchmark.Cold();
        cold.open(sizes);
        try {
            assertCopies(
                    cold.hp,
                    0,
                    BYTES,
                    () -> { // it comes to the device zeroed
                        cold.out(sizes);
                        new PinHomeBenchmark().cold(cold);
                        cold.closeBuffer();
                    });
        } finally {
            cold.close();
        }
    }

    @Test
    void peers_copyBothWays() {
        RequireDevice.check("opencl:0");
        PeersBenchmark.Sizes sizes = new PeersBenchmark.Sizes();
        sizes.device = "opencl:0";
        sizes.bufferBytes = BYTES;
        PeersBenchmark.Ours ours = new PeersBenchmark.Ours();
        ours.open(sizes);
        try {
            assertCopies(ours.hp, BYTES, BYTES, () -> new PeersBenchmark().highpage(ours));
        } finally {
            ours.close();
        }
    }

    @Test
    void moverUnderHolders_copiesBothWays() {
        HoldersUnderMigrationBenchmark benchmark = new HoldersUnderMigrationBenchmark();
        benchmark.pages = BYTES / PAGE;
        benchmark.open();
        try {
            assertCopies(benchmark.hp, BYTES, BYTES, benchmark::moveUnderHolds);
            assertCopies(benchmark.hp, BYTES, BYTES, benchmark::moveUnderPins);
        } finally {
            benchmark.close();
        }
    }

    /** Of more than one part. */
    @Test
    void thereAndHome_ofALargeBuffer_copiesAllOfIt() {
        long bytes = (33L << 20) + PAGE;
        try (Highpage hp = Highpage.builder().device(HostDevice.coherent(bytes)).open()) {
            PageBuffer buffer = Buffers.atHome(hp, bytes, PAGE);
            assertCopies(hp, bytes, bytes, () -> Buffers.thereAndHome(buffer, hp));
        }
    }

    private static void assertCopies(Highpage hp, long in, long out, Runnable operation) {
        for (int time = 1; time <= 3; time++) { // the second time begins where the first one ended
            DeviceTraffic before = hp.device().traffic();
            operation.run();
            DeviceTraffic after = hp.device().traffic();
            assertThat(after.bytesIn() - before.bytesIn()).as("in").isEqualTo(in);
            assertThat(after.bytesOut() - before.bytesOut()).as("out").isEqualTo(out);
        }
    }
}
