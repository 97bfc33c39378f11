// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Devices;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Question: how close does a round trip (to a device as for a kernel that writes, and a long-term
 * pin that migrates back) come to two plain copies of the same bytes, by size, size of a page, and
 * kind of device?
 *
 * <p>Hypothesis: on a coherent device at least as fast as two {@code memcpy} from 1 MiB on, with 4
 * KiB pages too, since runs are copied in one call and the page words cost a few nanoseconds a
 * page. Refuted by a lower throughput than the baseline's. On a private device the driver copies,
 * and its own page-locked copy is the limit ({@link PeersBenchmark}).
 *
 * <p>Not measured here: the way home alone, cold windows ({@link PinHomeBenchmark}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MigrateBenchmark {
    /** As {@code highpage devices} names it. */
    @Param({"host", "host-private"})
    String device;

    @Param({"4096", "65536", "2097152"})
    long pageBytes;

    @Param({"4096", "65536", "1048576", "16777216", "268435456", "1073741824"})
    long bufferBytes;

    private CopyEnds ends;
    Highpage hp;
    private PageBuffer buffer;

    @Setup
    public void open() {
        ends = new CopyEnds(bufferBytes, pageBytes);
        hp = Highpage.builder().device(Devices.named(device).open()).open();
        buffer = Buffers.atHome(hp, bufferBytes, pageBytes);
    }

    @TearDown
    public void close() {
        hp.close();
        ends.close();
    }

    @Benchmark
    public void baselineMemcpy() {
        Memory.memcpy(ends.plain, ends.home);
        Memory.memcpy(ends.home, ends.plain);
    }

    @Benchmark
    public void baselineSegmentCopy() {
        MemorySegment.copy(ends.home, 0, ends.plain, 0, bufferBytes);
        MemorySegment.copy(ends.plain, 0, ends.home, 0, bufferBytes);
    }

    @Benchmark
    public void baselineNativeCopy() {
        ends.nativeCopy(ends.home, ends.plain);
        ends.nativeCopy(ends.plain, ends.home);
    }

    @Benchmark
    public void baselineNativeCopyByTwoThreads() {
        ends.nativeCopyByTwo(ends.home, ends.plain);
        ends.nativeCopyByTwo(ends.plain, ends.home);
    }

    @Benchmark
    public long roundTrip() {
        Buffers.toDevice(buffer, hp);
        try (Pin pin = buffer.pin(Pin.longTerm())) {
            return pin.segment().address();
        }
    }
}
