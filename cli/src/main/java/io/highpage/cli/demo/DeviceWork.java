// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.DeviceAccess;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.UserError;
import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.cli.kernel.PlainBuffer;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelRunner;
import io.highpage.pipe.KernelSource;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The demo's functions, done where the device has its memory: every 32-bit word is mixed with its
 * own number, so that a byte in the wrong place is as wrong as a wrong byte; and they are added up.
 */
interface DeviceWork extends AutoCloseable {

    /** {@return how the work is done, in words} */
    String description();

    /** {@return the device's memory, for a runtime, which closes it} */
    DeviceMemory memory();

    /**
     * Mixes words and waits for it.
     *
     * @param access where they are
     * @param firstWord the number of the first word in the whole file
     */
    void mix(DeviceAccess access, long firstWord);

    /**
     * Adds up words and waits for it.
     *
     * @param access where they are; nothing is written there
     * @return the sum, modulo 2 to the 32
     */
    int sum(DeviceAccess access);

    /**
     * {@return the sum that a device should find}
     *
     * @param words where they are
     */
    static int sum(MemorySegment words) {
        int sum = 0;
        long count = words.byteSize() / Integer.BYTES;
        for (long i = 0; i < count; i++) {
            sum += words.getAtIndex(OnHost.WORD, i);
        }
        return sum;
    }

    /** Gives back what the device needs. The runtime has been closed. */
    @Override
    void close();

    /**
     * {@return the work on a device}
     *
     * @param info the device
     */
    static DeviceWork on(DeviceInfo info) {
        return OpenClDevices.isOpenCl(info) ? OnOpenCl.open(info) : OnHost.open(info);
    }

    /** An OpenCL kernel, launched through JOCL. */
    final class OnOpenCl implements DeviceWork {
        private static final String FILE = "mix.cl";
        /**
         * Work-groups of this many items divide the launch; the kernel leaves the rest of the last
         * one out.
         */
        private static final long GROUP = 1024;

        private final OpenClDevice device;
        private final KernelProgram mix;
        private final KernelRunner mixer;
        private final KernelProgram sum;
        private final KernelRunner adder;
        private final PlainBuffer total;

        private OnOpenCl(
                OpenClDevice device,
                KernelProgram mix,
                KernelRunner mixer,
                KernelProgram sum,
                KernelRunner adder,
                PlainBuffer total) {
            this.device = device;
            this.mix = mix;
            this.mixer = mixer;
            this.sum = sum;
            this.adder = adder;
            this.total = total;
        }

        static DeviceWork open(DeviceInfo info) {
            OpenClDevice device = Jocl.open(info);
            List<AutoCloseable> made = new ArrayList<>(List.of(device));
            try {
                KernelProgram mix =
                        opened(made, KernelProgram.compile(device, source(), "mix_words"));
                KernelRunner mixer = opened(made, KernelRunner.open(mix));
                KernelProgram sum =
                        opened(made, KernelProgram.compile(device, source(), "sum_words"));
                KernelRunner adder = opened(made, KernelRunner.open(sum));
                PlainBuffer total = PlainBuffer.allocate(adder, Integer.BYTES);
                return new OnOpenCl(device, mix, mixer, sum, adder, total);
            } catch (RuntimeException | Error e) {
                CloseAll.after(e, made.reversed().toArray(AutoCloseable[]::new));
                throw e;
            }
        }

        private static <T extends AutoCloseable> T opened(List<AutoCloseable> made, T one) {
            made.add(one);
            return one;
        }

        @Override
        public String description() {
            return "an OpenCL kernel";
        }

        @Override
        public DeviceMemory memory() {
            return device;
        }

        @Override
        public void mix(DeviceAccess access, long firstWord) {
            long words = access.byteSize() / Integer.BYTES;
            mixer.run(Math.ceilDiv(words, GROUP) * GROUP, List.of(access, words, (int) firstWord));
        }

        @Override
        public int sum(DeviceAccess access) {
            long words = access.byteSize() / Integer.BYTES;
            total.zero(Integer.BYTES);
            adder.run(GROUP, List.of(access, words, total.memory()));
            total.toHost(Integer.BYTES);
            return total.host().get(ValueLayout.JAVA_INT, 0);
        }

        @Override
        public void close() {
            CloseAll.inOrder(List.of(total, adder, sum, mixer, mix, device));
        }

        private static KernelSource source() {
            try (InputStream in = DeviceWork.class.getResourceAsStream(FILE)) {
                return KernelSource.of(FILE, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new AssertionError("cannot read " + FILE, e);
            }
        }
    }

    /** The same function in Java, run by the host device on memory that only it knows. */
    final class OnHost implements DeviceWork {
        private static final ValueLayout.OfInt WORD =
                ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

        private final HostDevice device;

        private OnHost(HostDevice device) {
            this.device = device;
        }

        static DeviceWork open(DeviceInfo info) {
            DeviceMemory memory = info.open();
            if (memory instanceof HostDevice device) {
                return new OnHost(device);
            }
            memory.close();
            throw UserError.usage("--device " + info.name()
                    + ": the demo has work for host and OpenCL devices only");
        }

        @Override
        public String description() {
            return "the same function in Java";
        }

        @Override
        public DeviceMemory memory() {
            return device;
        }

        @Override
        public void mix(DeviceAccess access, long firstWord) {
            device.launch(access, memory -> mix(memory, (int) firstWord));
        }

        @Override
        public int sum(DeviceAccess access) {
            int[] sum = new int[1];
            device.launch(access, memory -> sum[0] = DeviceWork.sum(memory));
            return sum[0];
        }

        @Override
        public void close() {}

        static void mix(MemorySegment words, int firstWord) {
            long count = words.byteSize() / Integer.BYTES;
            for (long i = 0; i < count; i++) {
                int mixed = words.getAtIndex(WORD, i) ^ (firstWord + (int) i) * 0x9e3779b9;
                mixed = Integer.rotateLeft(mixed, 13) * 0x85ebca6b;
                words.setAtIndex(WORD, i, mixed ^ mixed >>> 16);
            }
        }
    }
}
