// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.Completion;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.testkit.Parked;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.FaultyDevice;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

@ExtendWith(HighpageLeakCheck.class)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipePoolTest {
    private static final int PIECE = 8192;
    private static final PipeShape SHAPE = new PipeShape(1, 1, PIECE, 2);
    private static final PipeShape OTHER = new PipeShape(1, 1, PIECE, 1);
    private static final Duration LONG = Duration.ofMinutes(4);

    @TempDir
    private Path folder;

    private final Faults faults = new Faults();
    private final byte[] content = new byte[5 * PIECE + 7];
    private FaultyDevice device;
    private Highpage hp;
    private DeviceRoom room;
    private PipePool pool;
    private Path in;
    private Path out;

    @BeforeEach
    void open() throws IOException {
        new Random(1).nextBytes(content);
        in = Files.write(folder.resolve("in"), content);
        out = folder.resolve("out");
        device = new FaultyDevice(new PrivateDevice(), faults);
        // Two pipes of the one shape, or four of the other.
        hp = Highpage.builder()
                .device(device)
                .deviceMemory(2 * SHAPE.deviceBytes())
                .open();
        room = new DeviceRoom(hp.budget(), hp.device());
        pool = new PipePool(room);
    }

    @AfterEach
    void close() {
        pool.close();
        assertThat(room.reservedBytes()).isZero();
        assertThat(hp.buffers()).isEmpty();
        hp.close();
        assertThat(device.openExtents()).isZero();
    }

    private void run(Pipe pipe, JavaKernel kernel) throws IOException, InterruptedException {
        pipe.run(
                List.of(PieceInput.of(in, 0, content.length)),
                kernel.work(),
                List.of(PieceOutput.of(out)),
                Stages.CALLER,
                RunListener.NONE);
        assertThat(out).hasBinaryContent(JavaKernel.of(content));
    }

    @Test
    void aPipeIsUsedAgain_andCostsNoDriverCalls() throws Exception {
        Pipe first;
        try (PipePool.Lease lease = pool.lease(SHAPE, "task 1", LONG)) {
            first = lease.pipe();
            run(first, new JavaKernel());
        }
        assertThat(pool.idlePipes()).isEqualTo(1);
        faults.arm(Integer.MAX_VALUE, Faults.FAIL);
        PageBuffer sameMemory = hp.buffers().getFirst();
        try (PipePool.Lease lease = pool.lease(SHAPE, "task 2", LONG)) {
            assertThat(lease.pipe()).isSameAs(first);
            assertThat(faults.calls()).isZero();
            run(first, new JavaKernel());
        }
        assertThat(hp.buffers().getFirst()).isSameAs(sameMemory);
        assertThat(pool.pipesMade()).isEqualTo(1);
        assertThat(room.reservedBytes()).isEqualTo(SHAPE.deviceBytes());
    }

    @Test
    void whoHasIt_isInReports() throws Exception {
        List<String> owners = new ArrayList<>();
        JavaKernel looking = new JavaKernel() {
            @Override
            void launching() {
                hp.holders().stream().map(HolderInfo::owner).forEach(owners::add);
            }
        };
        try (PipePool.Lease lease = pool.lease(SHAPE, "stage 1 partition 2", LONG)) {
            run(lease.pipe(), looking);
            assertThat(owners)
                    .contains("stage 1 partition 2", "pipe 1 reader", "pipe 1 writer")
                    .doesNotContain("pipe 1");
            assertThat(pool.leases()).containsExactly(lease);
            assertThat(lease.who()).isEqualTo("stage 1 partition 2");
            assertThat(lease.age()).isPositive();
            assertThat(room.reservations().getFirst().who()).isEqualTo("stage 1 partition 2");
            assertThat(hp.budget().info().budgets().getFirst().name()).isEqualTo("pipe 1");
        }
        assertThat(room.reservations().getFirst().who()).isEqualTo("idle pipe");
    }

    @Test
    void idlePipesOfOtherShapes_areClosedForRoom_theLongestIdleFirst() throws Exception {
        List<Pipe> pipes = new ArrayList<>();
        List<PipePool.Lease> leases = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            leases.add(pool.lease(OTHER, "task " + i, LONG));
            pipes.add(leases.getLast().pipe());
        }
        for (int i : new int[] {2, 0, 3, 1}) {
            leases.get(i).close();
        }
        try (PipePool.Lease lease = pool.lease(SHAPE, "task", Duration.ZERO)) {
            assertThat(pipes).extracting(Pipe::isUsable).containsExactly(false, true, false, true);
            assertThat(pool.idlePipes()).isEqualTo(2);
            run(lease.pipe(), new JavaKernel());
        }
        // A reservation that is no pipe gets the room of idle ones too.
        room.reserve("all", room.bytes(), Duration.ZERO).close();
        assertThat(pool.idlePipes()).isZero();
    }

    @Test
    void theOneUsedLast_isLentFirst() throws Exception {
        PipePool.Lease a = pool.lease(SHAPE, "a", LONG);
        PipePool.Lease b = pool.lease(SHAPE, "b", LONG);
        b.close();
        a.close();
        try (PipePool.Lease again = pool.lease(SHAPE, "c", LONG)) {
            assertThat(again.pipe()).isSameAs(a.pipe());
        }
    }

    @Test
    void whoWaits_getsThePipeThatIsGivenBack() throws Exception {
        PipePool.Lease a = pool.lease(SHAPE, "a", LONG);
        PipePool.Lease b = pool.lease(SHAPE, "b", LONG);
        assertThatThrownBy(() -> pool.lease(SHAPE, "c", Duration.ofMillis(1)))
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasMessageContainingAll("'c' did not get", "'a' ", "'b' ");
        CompletableFuture<PipePool.Lease> waiting = waiting(SHAPE, "c");
        a.close();
        assertThat(waiting.get().pipe()).isSameAs(a.pipe());
        CompletableFuture<PipePool.Lease> other = waiting(OTHER, "d");
        b.close(); // whose pipe is closed for it
        other.get().close();
        assertThat(b.pipe().isUsable()).isFalse();
        waiting.get().close();
    }

    private CompletableFuture<PipePool.Lease> waiting(PipeShape shape, String who)
            throws InterruptedException {
        CompletableFuture<PipePool.Lease> got = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                got.complete(pool.lease(shape, who, LONG));
            } catch (Throwable failed) {
                got.completeExceptionally(failed);
            }
        });
        thread.start();
        Parked.await(thread);
        return got;
    }

    @Test
    void whatIsLargerThanTheRoom_isRefusedAtOnce() {
        assertThatThrownBy(() -> pool.lease(SHAPE.withPieceBytes(2 * PIECE + 1), "task", LONG))
                .isInstanceOfSatisfying(
                        OutOfPageMemoryException.class,
                        e -> assertThat(e.isRetryable()).isFalse());
    }

    @Test
    void aPipeWhoseRunFailed_isNotLentAgain_andItsRoomIsThere() throws Exception {
        JavaKernel failing = new JavaKernel() {
            @Override
            void launching() {
                throw new IllegalStateException("broken");
            }
        };
        for (int i = 0; i < 5; i++) {
            PipePool.Lease lease = pool.lease(SHAPE, "task", LONG);
            assertThatThrownBy(() -> run(lease.pipe(), failing)).hasMessage("broken");
            lease.close();
            assertThat(room.reservedBytes()).isZero();
        }
        assertThat(pool.pipesMade()).isEqualTo(5);
        assertThat(pool.idlePipes()).isZero();
    }

    @Test
    void aPipeThatCannotBeMade_keepsNoRoom() throws Exception {
        faults.arm(1, Faults.ERROR);
        assertThatThrownBy(() -> pool.lease(SHAPE, "task", LONG))
                .isInstanceOf(DeviceException.class);
        assertThat(room.reservedBytes()).isZero();
        assertThat(pool.leases()).isEmpty();
        pool.lease(SHAPE, "task", LONG).close();
    }

    @Test
    void aStreamThatIsOpen_endsWithTheLease() throws Exception {
        PipePool.Lease lease = pool.lease(SHAPE, "task", LONG);
        JavaKernel kernel = new JavaKernel();
        PieceStream stream =
                lease.pipe().stream(List.of(PieceInput.of(in, 0, content.length)), kernel.work());
        assertThat(stream.next()).isTrue();
        lease.close();
        lease.close();
        assertThat(kernel.open).isZero();
        assertThatThrownBy(stream::next).isInstanceOf(IllegalStateException.class);
        try (PipePool.Lease again = pool.lease(SHAPE, "task", LONG)) {
            assertThat(again.pipe()).isSameAs(lease.pipe());
            run(again.pipe(), new JavaKernel());
        }
    }

    @Test
    void aDriverThatDoesNotAnswer_keepsPipeAndRoom_untilItDoes() throws Exception {
        boolean[] answered = {false};
        JavaKernel unanswered = new JavaKernel() {
            @Override
            Completion completion() {
                return () -> {
                    if (!answered[0]) {
                        throw new DeviceWaitException("no answer", null);
                    }
                };
            }
        };
        PipePool.Lease lease = pool.lease(SHAPE, "task", LONG);
        assertThatThrownBy(() -> run(lease.pipe(), unanswered)).hasMessage("no answer");
        assertThatThrownBy(lease::close).isInstanceOf(DeviceWaitException.class);
        lease.close();
        assertThat(pool.stuckPipes()).isEqualTo(1);
        assertThat(pool.idlePipes()).isZero();
        assertThat(room.reservedBytes()).isEqualTo(SHAPE.deviceBytes());
        assertThatThrownBy(pool::close).isInstanceOf(DeviceWaitException.class);
        assertThatThrownBy(() -> pool.lease(SHAPE, "task", LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("is closed");
        answered[0] = true;
        pool.close();
        assertThat(pool.stuckPipes()).isZero();
    }

    @Test
    void aPoolWithLeases_isNotClosed_andOneThatIsClosed_endsWaits() throws Exception {
        PipePool.Lease a = pool.lease(SHAPE, "task a", LONG);
        pool.lease(SHAPE, "task b", LONG).close();
        assertThatThrownBy(pool::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'task a' pipe 'pipe 1'");
        assertThat(pool.idlePipes()).isEqualTo(1);
        DeviceRoom.Reservation rest;
        CompletableFuture<PipePool.Lease> waits;
        a.close();
        rest = room.reserve("rest", room.bytes(), LONG);
        waits = waiting(SHAPE, "task c");
        pool.close();
        assertThatThrownBy(waits::get).hasCauseInstanceOf(IllegalStateException.class);
        rest.close();
    }

    @Test
    void aPipeThatRuns_isNotGivenBack() throws Exception {
        PipePool.Lease lease = pool.lease(SHAPE, "task", LONG);
        run(lease.pipe(), new JavaKernel() {
            @Override
            void launching() {
                assertThatThrownBy(lease::close)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("has a run that goes on");
            }
        });
        assertThat(pool.leases()).containsExactly(lease);
        lease.close();
        assertThat(pool.idlePipes()).isEqualTo(1);
    }

    @Test
    void eightThreads_shareTheRoom_andLoseNoneOfIt() throws Exception {
        List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Random random = new Random(i);
            threads.add(new Thread(() -> {
                for (int round = 0; round < 30; round++) {
                    try {
                        round(random);
                    } catch (Throwable failure) {
                        failed.add(failure);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread each : threads) {
            each.join();
        }
        assertThat(failed).isEmpty();
        assertThat(pool.leases()).isEmpty();
        assertThat(room.reservedBytes()).isLessThanOrEqualTo(room.bytes());
    }

    private void round(Random random) throws Exception {
        if (random.nextInt(5) == 0) {
            room.reserve("task", 1 + random.nextLong(room.bytes()), LONG).close();
            return;
        }
        boolean fails = random.nextInt(4) == 0;
        JavaKernel kernel = new JavaKernel() {
            @Override
            void launching() {
                if (fails) {
                    throw new IllegalStateException("broken");
                }
            }
        };
        try (PipePool.Lease lease =
                pool.lease(random.nextBoolean() ? SHAPE : OTHER, "task", LONG)) {
            Path own = folder.resolve("out of " + Thread.currentThread().threadId());
            lease.pipe()
                    .run(
                            List.of(PieceInput.of(in, 0, content.length)),
                            kernel.work(),
                            List.of(PieceOutput.of(own)),
                            Stages.CALLER,
                            RunListener.NONE);
            assertThat(own).hasBinaryContent(JavaKernel.of(content));
        } catch (IllegalStateException broken) {
            assertThat(broken).hasMessage("broken");
        }
    }
}
