// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.AccessMode;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/** How many threads share the copies of a runtime. */
class CopyThreadsTest {
    private static final long BYTES = 32L << 20;

    /**
     * In a JVM of its own, whose pool of helpers nobody else uses: it has a thread as soon as
     * somebody asked for help.
     */
    @Test
    void aRuntimeOfOneThread_asksNobodyForHelp_besideOneThatDoes() throws IOException {
        List<String> options = List.of("-Dhighpage.threads=4", "-XX:ActiveProcessorCount=4");

        assertThat(threads(options)).isEqualTo("""
                before: 0
                a runtime of 1: 0
                a runtime that does not say: some
                """);
    }

    @Test
    void theProperty_isTheMost() throws IOException {
        List<String> options = List.of("-Dhighpage.threads=1", "-XX:ActiveProcessorCount=4");

        assertThat(threads(options)).isEqualTo("""
                before: 0
                a runtime of 1: 0
                a runtime that does not say: 0
                """);
    }

    private static String threads(List<String> options) throws IOException {
        List<String> all = new ArrayList<>(options);
        all.add("-Dhighpage.mxbean=false"); // which the same pool would make a second later
        return JavaProcess.run(JavaProcess.small(List.of(), all, CopyThreadsTest.class));
    }

    /** The child's side. */
    public static void main(String[] arguments) {
        tell("before");
        copyAll(Highpage.builder().threads(1));
        tell("a runtime of 1");
        copyAll(Highpage.builder());
        tell("a runtime that does not say");
    }

    private static void tell(String when) {
        int threads = ForkJoinPool.commonPool().getPoolSize();
        System.out.println(when + ": " + (threads == 0 ? "0" : "some"));
    }

    /** Everything that threads share: giving memory to homes and devices, zeroes, copies. */
    private static void copyAll(Highpage.Builder builder) {
        for (DeviceKind kind : List.of(DeviceKind.COHERENT, DeviceKind.PRIVATE)) {
            builder.device(Scene.device(kind));
        }
        try (Highpage runtime = builder.open();
                Arena arena = Arena.ofShared();
                PageBuffer buffer = runtime.allocate(BYTES);
                PageBuffer other = runtime.allocate(BYTES)) {
            MemorySegment own = arena.allocate(BYTES);
            buffer.fill((byte) 1);
            buffer.read(0, own);
            buffer.write(0, own);
            buffer.copyTo(other, 0);
            runtime.devices().forEach(device -> {
                buffer.access(device, AccessMode.READ_WRITE).close();
                buffer.copyTo(other, 0); // by the driver, where there is one
                buffer.fill((byte) 0);
                buffer.evict();
                try (PageBuffer fresh = runtime.allocate(BYTES)) {
                    fresh.access(device, AccessMode.READ_WRITE).close();
                }
            });
        }
    }
}
