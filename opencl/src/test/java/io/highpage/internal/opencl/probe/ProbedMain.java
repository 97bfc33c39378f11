// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/** Opens the first device, says how it copies, and copies. */
public final class ProbedMain {
    private ProbedMain() {}

    /** {@code MODE}: the kind of memory. */
    public static void main(String[] arguments) throws IOException {
        Cl cl = Cl.open();
        MemorySegment device = cl.devices(cl.platforms().getFirst()).getFirst();
        ClDeviceFacts facts = ClDeviceFacts.of(cl, device);
        OpenClMemoryMode mode = OpenClMemoryMode.valueOf(arguments[0]);
        boolean svm = mode == OpenClMemoryMode.COARSE_GRAINED_SVM;
        System.out.println("before " + CopyFindings.words(facts, svm));
        if (Boolean.getBoolean("without.launcher")) {
            Object.class.getResourceAsStream("Object.class").close(); // Java finds its own first
            System.setProperty("java.home", "/nowhere");
        }
        // Two runtimes on one device, at the same moment.
        CompletableFuture<Void> other = CompletableFuture.runAsync(
                () -> OpenClDevice.open("other", device, mode).close());
        long start = System.nanoTime();
        CopyFindings.plan(facts, svm);
        System.out.println("known after " + (System.nanoTime() - start) / 1000 + " us");
        try (DeviceMemory memory = OpenClDevice.open("probed", device, mode);
                Arena arena = Arena.ofShared()) {
            System.out.println("found " + CopyFindings.words(facts, svm));
            Extent extent = memory.allocate(5 << 20);
            MemorySegment source = arena.allocate(5 << 20).fill((byte) 7);
            MemorySegment target = arena.allocate(5 << 20);
            RunList all = RunList.one(arena, 0, 5 << 20);
            extent.copyIn(0, source, all);
            extent.copyOut(0, target, all);
            System.out.println("differs at " + target.mismatch(source));
            extent.free();
        }
        other.join();
        start = System.nanoTime();
        CopyFindings.plan(facts, svm);
        System.out.println("again after " + (System.nanoTime() - start) / 1000 + " us");
    }
}
