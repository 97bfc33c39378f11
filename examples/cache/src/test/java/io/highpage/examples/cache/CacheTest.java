// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

@ExtendWith(HighpageLeakCheck.class)
class CacheTest {
    private static final Shape SHAPE = new Shape(2, 2, 16, 4, 8);
    private static final Model MODEL = new Model(SHAPE, 20261126);
    private static final List<Integer> BEGINNING = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9);

    /** What floats differ by, to the largest of them, after two layers. */
    private static final double BOUND = 1e-4;

    /** Every kind of memory. */
    enum Kind {
        HOST,
        HOST_PRIVATE,
        OPENCL,
        OPENCL_PRIVATE,
        OPENCL_BUFFER;

        Machine open() {
            return switch (this) {
                case HOST -> HostMachine.coherent();
                case HOST_PRIVATE -> HostMachine.privateMemory();
                default -> {
                    assumeTrue(OpenClMachine.isThere(), "there is no OpenCL device");
                    try {
                        yield OpenClMachine.open(name().toLowerCase(Locale.ROOT).replace('_', '-'));
                    } catch (IllegalArgumentException without) {
                        yield abort(without.getMessage());
                    }
                }
            };
        }
    }

    private record Setting(Machine machine, Highpage highpage, BlockCache cache, Decoder decoder)
            implements AutoCloseable {
        static Setting open(Kind kind, int blocks, int onDevice) {
            Machine machine = kind.open();
            Highpage highpage = Highpage.builder().device(machine.memory()).open();
            return new Setting(
                    machine,
                    highpage,
                    new BlockCache(highpage, SHAPE, blocks, onDevice),
                    new Decoder(highpage, machine.kernels(SHAPE), MODEL));
        }

        /** Decodes what is missing, and compares the last with plain Java. */
        void assertRight(BlockCache.Lease lease, List<Integer> tokens) throws Exception {
            float[] out = {};
            for (int token : tokens.subList(lease.length(), tokens.size())) {
                out = decoder.decode(lease, token);
            }
            PlainDecoder plain = new PlainDecoder(MODEL);
            float[] expected = {};
            for (int token : tokens) {
                expected = plain.decode(token);
            }
            assertThat(PlainDecoder.difference(out, expected)).isLessThan(BOUND);
            assertThat(lease.tokens()).isEqualTo(tokens);
        }

        @Override
        public void close() {
            decoder.close();
            cache.close();
            highpage.close();
            machine.close();
        }
    }

    private static List<Integer> then(List<Integer> tokens, int... more) {
        List<Integer> all = new ArrayList<>(tokens);
        IntStream.of(more).forEach(all::add);
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void requests_ofMoreBlocksThanTheDeviceHas_areThoseOfPlainJava(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, 12, 4)) {
            List<BlockCache.Lease> leases = new ArrayList<>();
            List<List<Integer>> tokens = new ArrayList<>();
            for (int request = 0; request < 3; request++) {
                tokens.add(List.of(100 + request));
                leases.add(setting.cache().lease(tokens.getLast()));
            }
            SplittableRandom random = new SplittableRandom(7);
            for (int turn = 0; turn < 5; turn++) {
                for (int request = 0; request < 3; request++) {
                    tokens.set(
                            request,
                            then(tokens.get(request), random.ints(3, 0, 256).toArray()));
                    setting.assertRight(leases.get(request), tokens.get(request));
                }
            }
            assertThat(setting.cache().leased()).isEqualTo(12);
            assertThat(setting.highpage().device().traffic().spansEvicted()).isPositive();
            assertThat(setting.highpage().holders()).isEmpty();
            leases.forEach(BlockCache.Lease::close);
            assertThat(setting.cache().leased()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void requestsThatBeginTheSame_shareBlocks_andAForkCopiesAtItsFirstWrite(Kind kind)
            throws Exception {
        try (Setting setting = Setting.open(kind, 8, 8);
                BlockCache.Lease one = setting.cache().lease(BEGINNING)) {
            assertThat(one.length()).isZero();
            setting.assertRight(one, BEGINNING);
            assertThat(setting.cache().leased()).isEqualTo(3);
            try (BlockCache.Lease two = setting.cache().lease(BEGINNING);
                    BlockCache.Lease fork = one.fork()) {
                assertThat(two.length()).isEqualTo(8);
                assertThat(setting.cache().leased()).as("all shared").isEqualTo(3);
                setting.assertRight(two, then(BEGINNING, 20));
                assertThat(setting.cache().leased()).isEqualTo(4);
                setting.assertRight(fork, then(BEGINNING, 30));
                assertThat(setting.cache().leased()).as("a copy of the last").isEqualTo(5);
                setting.assertRight(one, then(BEGINNING, 40));
                assertThat(setting.cache().leased()).as("nobody shares it").isEqualTo(5);
                setting.assertRight(fork, then(BEGINNING, 30, 31, 32));
                setting.assertRight(two, then(BEGINNING, 20, 21));
            }
            assertThat(setting.cache().leased()).isEqualTo(3);
        }
    }

    @Test
    void aBeginningThatNobodyHasAnyMore_isFoundUntilItsPlaceIsNeeded() throws Exception {
        try (Setting setting = Setting.open(Kind.HOST, 4, 4)) {
            try (BlockCache.Lease lease = setting.cache().lease(BEGINNING)) {
                setting.assertRight(lease, BEGINNING);
            }
            assertThat(setting.cache().leased()).isZero();
            try (BlockCache.Lease again = setting.cache().lease(BEGINNING)) {
                assertThat(again.length()).isEqualTo(8);
                setting.assertRight(again, BEGINNING);
            }
            List<Integer> others = IntStream.range(50, 66).boxed().toList();
            try (BlockCache.Lease other = setting.cache().lease(others)) {
                setting.assertRight(other, others);
                try (BlockCache.Lease lost = setting.cache().lease(BEGINNING)) {
                    assertThat(lost.length()).isZero();
                    assertThatThrownBy(() -> setting.decoder().decode(lost, 1))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("all 4 blocks are leased");
                }
            }
            try (BlockCache.Lease now = setting.cache().lease(BEGINNING)) {
                setting.assertRight(now, BEGINNING);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKeptBeginning_staysOnTheDevice(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, 10, 4);
                BlockCache.Lease first = setting.cache().lease(BEGINNING)) {
            setting.assertRight(first, BEGINNING);
            long before;
            try (BlockCache.Kept kept = setting.cache().keep(first);
                    BlockCache.Lease one = setting.cache().lease(then(BEGINNING, 10));
                    BlockCache.Lease two = setting.cache().lease(List.of())) {
                assertThat(setting.highpage().holders()).hasSize(2);
                setting.assertRight(one, then(BEGINNING, 10, 11));
                setting.assertRight(two, List.of(9, 8, 7, 6, 5, 4));
                // It needs four blocks and may have the two that are not kept.
                assertThatThrownBy(() -> setting.assertRight(
                                two, List.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9, 8, 7)))
                        .isInstanceOf(OutOfPageMemoryException.class)
                        .hasMessageContaining("blocks");
                assertThat(two.length()).isEqualTo(8);
                before = setting.highpage().device().traffic().bytesIn();
                setting.assertRight(one, then(BEGINNING, 10, 11, 12));
                assertThat(setting.highpage().device().traffic().bytesIn() - before)
                        .as("its own block, and the token")
                        .isLessThan(3L * 4096 + 1);
            }
            assertThat(setting.highpage().holders()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTokenThatFindsNoRoom_changesNothing_andGoesOnLater(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, 4, 4);
                BlockCache.Lease lease = setting.cache().lease(BEGINNING)) {
            setting.assertRight(lease, BEGINNING.subList(0, 7));
            Highpage highpage = setting.highpage();
            highpage.buffers().forEach(buffer -> buffer.evict());
            highpage.budget().deviceMemory(highpage.device(), BlockCache.SPAN_BYTES);
            assertThatThrownBy(() -> setting.decoder().decode(lease, 8))
                    .isInstanceOf(OutOfPageMemoryException.class);
            assertThat(highpage.holders()).isEmpty();
            assertThat(lease.length()).isEqualTo(7);
            highpage.budget().deviceMemory(highpage.device(), Long.MAX_VALUE);
            setting.assertRight(lease, BEGINNING);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestCancelledInTheMiddle_givesEverythingBack(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, 4, 4);
                Decoder cancelled = new Decoder(
                        setting.highpage(),
                        new Interrupting(setting.machine().kernels(SHAPE)),
                        MODEL);
                BlockCache.Lease other = setting.cache().lease(BEGINNING)) {
            setting.assertRight(other, BEGINNING);
            try (BlockCache.Lease lease = setting.cache().lease(BEGINNING)) {
                assertThatThrownBy(() -> cancelled.decode(lease, BEGINNING.getLast()))
                        .isInstanceOf(InterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                assertThat(setting.highpage().holders()).isEmpty();
                assertThat(lease.length()).isEqualTo(8);
                assertThat(setting.cache().leased()).isEqualTo(4);
            }
            assertThat(setting.cache().leased()).isEqualTo(3);
            setting.assertRight(other, then(BEGINNING, 10));
        }
    }

    /** Interrupts its thread behind the first layer. */
    private record Interrupting(Kernels<? super DeviceAccess> kernels)
            implements Kernels<DeviceAccess> {
        @Override
        public void normalise(DeviceAccess x, DeviceAccess y) {
            kernels.normalise(x, y);
        }

        @Override
        public void project(
                DeviceAccess matrix, int rows, DeviceAccess x, DeviceAccess out, boolean add) {
            kernels.project(matrix, rows, x, out, add);
        }

        @Override
        public void store(DeviceAccess qkv, DeviceAccess block, int layer, int place) {
            kernels.store(qkv, block, layer, place);
        }

        @Override
        public void attend(
                DeviceAccess qkv,
                DeviceAccess block,
                int layer,
                int tokens,
                DeviceAccess partials,
                int number) {
            kernels.attend(qkv, block, layer, tokens, partials, number);
        }

        @Override
        public void combine(DeviceAccess partials, int blocks, DeviceAccess out) {
            kernels.combine(partials, blocks, out);
            Thread.currentThread().interrupt();
        }

        @Override
        public void close() {
            kernels.close();
        }
    }

    @Test
    void leasesOfManyThreads_areCountedRight_whileOneDecodes() throws Exception {
        try (Setting setting = Setting.open(Kind.HOST_PRIVATE, 40, 6);
                ExecutorService threads = Executors.newCachedThreadPool();
                BlockCache.Lease first = setting.cache().lease(BEGINNING)) {
            setting.assertRight(first, BEGINNING);
            List<Future<?>> others = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                SplittableRandom random = new SplittableRandom(thread);
                others.add(threads.submit(() -> leaseAndFork(setting.cache(), random)));
            }
            List<Integer> tokens = BEGINNING;
            for (int token = 0; token < 12; token++) {
                tokens = then(tokens, token);
                setting.assertRight(first, tokens);
            }
            for (Future<?> other : others) {
                other.get();
            }
            first.close();
            assertThat(setting.cache().leased()).isZero();
        }
    }

    private static void leaseAndFork(BlockCache cache, SplittableRandom random) {
        for (int round = 0; round < 500; round++) {
            try (BlockCache.Lease lease = cache.lease(BEGINNING.subList(0, 1 + random.nextInt(9)));
                    BlockCache.Lease fork = lease.fork()) {
                assertThat(fork.tokens()).isEqualTo(lease.tokens());
                if (random.nextInt(10) == 0) {
                    cache.keep(fork).close();
                }
            }
        }
    }
}
