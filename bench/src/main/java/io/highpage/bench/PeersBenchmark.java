// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Devices;
import io.highpage.opencl.OpenClDevice;

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

import java.util.concurrent.TimeUnit;

/**
 * Question: how does a round trip between host memory and an OpenCL device compare with what Java
 * programs do today, on the same driver?
 *
 * <p>Hypothesis: Highpage is ahead of each of them at every size from 4 KiB up: it copies once, and
 * on a coherent device enqueues nothing. Refuted by a size where one of them is faster.
 *
 * <p>{@code pageLockedWriteAndRead} is no peer but the link: the driver's copy between its own
 * page-locked memory and the device. On a device across a bus it is what can be had.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PeersBenchmark {
    private static final long PAGE_BYTES = 4096;

    /** The device and the size; a base page is the smallest. */
    @State(Scope.Thread)
    public static class Sizes {
        /** An OpenCL device as {@code highpage devices} names it. */
        @Param("opencl:0")
        String device;

        @Param({"4096", "65536", "1048576", "16777216", "268435456", "1073741824"})
        int bufferBytes;

        private OpenClDevice open() {
            return (OpenClDevice) Devices.named(device).open();
        }
    }

    /** Two plain mappings: nothing is moved, and no device is asked. */
    @State(Scope.Thread)
    public static class Plain {
        private CopyEnds ends;

        @Setup
        public void open(Sizes sizes) {
            ends = new CopyEnds(sizes.bufferBytes, PAGE_BYTES);
        }

        @TearDown
        public void close() {
            ends.close();
        }
    }

    /** Highpage's side. */
    @State(Scope.Thread)
    public static class Ours {
        Highpage hp;
        private PageBuffer buffer;

        @Setup
        public void open(Sizes sizes) {
            hp = Highpage.builder().device(sizes.open()).open();
            buffer = Buffers.atHome(hp, sizes.bufferBytes, PAGE_BYTES);
        }

        @TearDown
        public void close() {
            hp.close();
        }
    }

    /** JOCL's. */
    @State(Scope.Thread)
    public static class OfJocl {
        private JoclPeer peer;

        @Setup
        public void open(Sizes sizes) {
            OpenClDevice device = sizes.open();
            peer = new JoclPeer(
                    device, sizes.bufferBytes, OpenClSvm.of(sizes.device) == OpenClSvm.FINE);
            device.close();
        }

        @TearDown
        public void close() {
            peer.close();
        }
    }

    /** LWJGL's. */
    @State(Scope.Thread)
    public static class OfLwjgl {
        private OpenClDevice device;
        private LwjglPeer peer;

        @Setup
        public void open(Sizes sizes) {
            device = sizes.open();
            peer = new LwjglPeer(
                    device, sizes.bufferBytes, OpenClSvm.of(sizes.device) != OpenClSvm.NONE);
        }

        @TearDown
        public void close() {
            peer.close();
            device.close();
        }
    }

    @Benchmark
    public void baselineMemcpy(Plain plain) {
        Memory.memcpy(plain.ends.plain, plain.ends.home);
        Memory.memcpy(plain.ends.home, plain.ends.plain);
    }

    @Benchmark
    public long highpage(Ours ours) {
        Buffers.toDevice(ours.buffer, ours.hp);
        try (Pin pin = ours.buffer.pin(Pin.longTerm())) {
            return pin.segment().address();
        }
    }

    @Benchmark
    public void joclSvmMemcpy(OfJocl jocl) {
        jocl.peer.svmMemcpy();
    }

    @Benchmark
    public void joclWriteAndRead(OfJocl jocl) {
        jocl.peer.writeAndRead();
    }

    @Benchmark
    public void joclMapAndCopy(OfJocl jocl) {
        jocl.peer.mapAndCopy();
    }

    @Benchmark
    public void joclThroughArray(OfJocl jocl) {
        jocl.peer.throughArray();
    }

    @Benchmark
    public void lwjglSvmMemcpy(OfLwjgl lwjgl) {
        lwjgl.peer.svmMemcpy();
    }

    @Benchmark
    public void lwjglWriteAndRead(OfLwjgl lwjgl) {
        lwjgl.peer.writeAndRead();
    }

    @Benchmark
    public void lwjglMapAndCopy(OfLwjgl lwjgl) {
        lwjgl.peer.mapAndCopy();
    }

    @Benchmark
    public void lwjglThroughArray(OfLwjgl lwjgl) {
        lwjgl.peer.throughArray();
    }

    @Benchmark
    public void pageLockedWriteAndRead(OfLwjgl lwjgl) {
        lwjgl.peer.pageLockedWriteAndRead();
    }
}
