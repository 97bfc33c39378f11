// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.async.Workers;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Eventually;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Closing an access when its work says that it has ended. */
class CloseAsyncTest {
    private static final Terms SHARED = Terms.defaults().shared();

    @RegisterExtension
    final AtRest rest = new AtRest();

    private Rig rig;
    private Scene scene;
    private DeviceAccess access;

    @BeforeEach
    void openAccess() {
        rig = rest.open(Scene.device(DeviceKind.COHERENT));
        scene = Scene.of(rig.runtime(), "DHB");
        access = scene.buffer.access(SHARED, rig.runtime().device());
    }

    private static void get(CompletableFuture<Void> closing) throws Exception {
        closing.get(60, TimeUnit.SECONDS);
    }

    private void checkClosed() {
        assertThat(access.isOpen()).isFalse();
        assertThat(rig.runtime().holders()).isEmpty();
        assertThat(scene.buffer.evict().complete()).isTrue();
        scene.checkBytes("after");
    }

    @Test
    void access_closesWhenAllOfItsWorkHasSaidThatItEnded() throws Exception {
        ToldWork one = new ToldWork();
        ToldWork other = new ToldWork();
        access.completesWith(one);
        access.completesWith(other);
        CompletableFuture<Void> closing = access.closeAsync();
        one.end();
        one.tell();
        other.end();
        assertThat(closing).isNotDone();
        assertThat(access.isOpen()).isTrue();
        assertThat(one.waits()).as("threads that wait").isZero();
        assertThat(rig.runtime().holders()).hasSize(1);
        assertThat(scene.buffer.evict().complete()).isFalse();
        other.tell();
        get(closing);
        checkClosed();
        get(access.closeAsync());
        access.close();
    }

    @Test
    void workThatWasToldOf_isNotAddedTo_andNobodyElseMayClose() throws Exception {
        ToldWork work = new ToldWork();
        access.completesWith(work);
        CompletableFuture<Void> closing = access.closeAsync();
        assertThatThrownBy(() -> access.completesWith(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is being closed");
        for (AutoCloseable each : List.of(scene.buffer, rig.runtime())) {
            assertThatThrownBy(each::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("access of bytes 0..");
        }
        work.end();
        work.tell();
        get(closing);
        checkClosed();
    }

    @Test
    void workThatSaysTwiceOrTooEarlyThatItEnded_isAwaited() throws Exception {
        ToldWork early = new ToldWork();
        access.completesWith(early);
        CompletableFuture<Void> closing = access.closeAsync();
        early.tell();
        assertThat(access.isOpen()).isTrue();
        assertThat(closing).isNotDone();
        early.end();
        get(closing);
        early.tell();
        checkClosed();
    }

    @Test
    void workThatCannotSayThatItEnded_isAwaitedByAThread() throws Exception {
        ToldWork mute = new ToldWork();
        mute.tells = false;
        access.completesWith(mute);
        CompletableFuture<Void> closing = access.closeAsync();
        assertThat(closing).isNotDone();
        mute.end();
        get(closing);
        checkClosed();
    }

    @Test
    void accessThatWasToldOfNoWork_closes() throws Exception {
        get(access.closeAsync());
        checkClosed();
    }

    @Test
    void workThatFailed_isWhatTheFutureFailsWith_andTheAccessIsClosed() throws Exception {
        ToldWork work = new ToldWork();
        work.failure = new DeviceException("the kernel failed", null);
        access.completesWith(work);
        CompletableFuture<Void> closing = access.closeAsync();
        work.end();
        work.tell();
        assertThatThrownBy(() -> get(closing))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isSameAs(work.failure);
        checkClosed();
    }

    @Test
    void workOfWhichNothingIsKnown_leavesTheAccessOpen_toBeClosedAgain() throws Exception {
        ToldWork work = new ToldWork();
        DeviceWaitException unknown = new DeviceWaitException("who knows", null);
        work.failure = unknown;
        access.completesWith(work);
        CompletableFuture<Void> closing = access.closeAsync();
        work.end();
        work.tell();
        assertThatThrownBy(() -> get(closing)).cause().isSameAs(unknown);
        assertThat(access.isOpen()).isTrue();
        access.completesWith(() -> {});
        CompletableFuture<Void> again = access.closeAsync();
        work.tell();
        get(again);
        checkClosed();
    }

    @Test
    void closeThatWaits_endsIt_thoughNobodySaysThatTheWorkEnded() throws Exception {
        ToldWork work = new ToldWork();
        access.completesWith(work);
        CompletableFuture<Void> closing = access.closeAsync();
        CompletableFuture<Void> other = access.closeAsync();
        assertThat(closing.cancel(true)).isTrue();
        work.end();
        access.close();
        get(other);
        work.tell(); // too late
        checkClosed();
    }

    @Test
    void accessOfOneThread_isRefused() {
        DeviceAccess confined =
                scene.buffer.access(Terms.defaults(), rig.runtime().device());
        assertThatThrownBy(confined::closeAsync)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Terms.shared()");
        confined.close();
        access.close();
    }

    /** The threads of asynchronous operations are few: none waits for it. */
    @Test
    void workThatIsToldOfByWhoIsInside_isAwaitedByAThread() throws Exception {
        ToldWork before = new ToldWork();
        ToldWork after = new ToldWork();
        access.completesWith(before);
        before.end();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        Thread launching = Thread.ofPlatform()
                .start(() -> access.use(() -> {
                    inside.countDown();
                    Eventually.becomes("closing", () -> closing.getCount() == 0);
                    access.completesWith(after);
                }));
        inside.await();
        CompletableFuture<Void> closed = access.closeAsync();
        before.tell();
        Eventually.wouldHaveLooked(); // a thread that would close it
        closing.countDown();
        launching.join();
        Eventually.becomes("awaited", () -> after.waits() > 0);
        assertThat(closed).isNotDone();
        after.end();
        get(closed);
        assertThat(after.keptAWorker).isFalse();
        checkClosed();
    }

    /** The threads of asynchronous operations would wait for each other in them. */
    @Test
    void stagesThatWait_keepNoThreadOfAsynchronousOperations() throws Exception {
        List<CompletableFuture<Boolean>> stages = new ArrayList<>();
        Scene other = Scene.of(rig.runtime(), "D");
        for (int i = 0; i < 2 * Workers.threads(); i++) {
            DeviceAccess each = other.buffer.access(SHARED, rig.runtime().device());
            ToldWork work = new ToldWork();
            each.completesWith(work);
            stages.add(each.closeAsync().thenApply(nothing -> {
                scene.buffer.evictAsync().join();
                return Workers.isWorker();
            }));
            work.end();
            work.tell();
        }
        for (CompletableFuture<Boolean> each : stages) {
            assertThat(each.get(60, TimeUnit.SECONDS)).isFalse();
        }
        access.close();
    }

    @Test
    void kernelOfTheHostThatStillRuns_isAwaited() throws Exception {
        HostDevice device = (HostDevice) Scene.device(DeviceKind.COHERENT);
        PageRuntime runtime = rest.openPlain(device);
        DeviceAccess used = runtime.allocate(1).access(SHARED, runtime.device());
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        device.launch(used, memory -> {
            closing.add(used.closeAsync());
            assertThat(used.isOpen()).isTrue();
            memory.fill((byte) 1);
        });
        get(closing.getFirst());
        assertThat(used.isOpen()).isFalse();
        access.close();
    }
}
