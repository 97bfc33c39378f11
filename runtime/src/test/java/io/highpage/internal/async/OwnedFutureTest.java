// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highpage.testkit.Eventually;
import io.highpage.testkit.FullCommonPool;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Whose the result of a future is: exactly one has it, whatever comes together. */
@Timeout(300)
class OwnedFutureTest {
    private static final Executor HERE = Runnable::run;
    private static final CompletionStage<Integer> OTHER = CompletableFuture.completedStage(7);

    private final Workers workers = new Workers("test async");

    @AfterEach
    void end() {
        workers.close(() -> new IllegalStateException("closed"), () -> false);
        assertThat(workers.underWay()).isZero();
        assertThat(workers.openCount()).isZero();
    }

    /** Something that is to be given back once. */
    private static final class Thing {
        final AtomicInteger givenBack = new AtomicInteger();
        final AtomicInteger taken = new AtomicInteger();

        Thing take() {
            taken.incrementAndGet();
            return this;
        }
    }

    /** An operation that gets its thing when it is let go. */
    private static final class Getting implements Attempt<Thing> {
        final Thing thing = new Thing();
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        final AtomicInteger abandoned = new AtomicInteger();

        @Override
        public Thing go() {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            return thing;
        }

        @Override
        public long leftNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void abandon() {
            abandoned.incrementAndGet();
        }

        @Override
        public boolean isOwned() {
            return true;
        }

        @Override
        public void giveBack(Thing result) {
            assertThat(result).isSameAs(thing);
            thing.givenBack.incrementAndGet();
        }

        @Override
        public Object subject() {
            return this;
        }
    }

    /** One whose thing is there. */
    private OwnedFuture<Thing> there(Getting getting) throws Exception {
        getting.go.countDown();
        OwnedFuture<Thing> future = workers.submit(of -> getting);
        CompletableFuture.allOf(future).get(1, TimeUnit.MINUTES);
        assertThat(future.isUntaken()).isTrue();
        return future;
    }

    // ---- who takes it ----

    /** A way to take a result, as a caller or as a stage. */
    private record Way(String name, Function<OwnedFuture<Thing>, CompletionStage<?>> way) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Way way(String name, Function<OwnedFuture<Thing>, CompletionStage<?>> way) {
        return new Way(name, way);
    }

    private static Thing use(Thing thing) {
        return thing.take();
    }

    private static Thing orNothing(Thing thing, Throwable failure) {
        return thing == null ? null : thing.take();
    }

    private static Thing first(Thing thing, int other) {
        return thing.take();
    }

    private static CompletionStage<Thing> stage(Thing thing) {
        return CompletableFuture.completedStage(thing.take());
    }

    private static final CompletionStage<Thing> NEVER = new CompletableFuture<>();

    static final List<Way> TAKING = List.of(
            way("get", of -> CompletableFuture.completedStage(got(of).take())),
            way(
                    "get in time",
                    of -> CompletableFuture.completedStage(gotInTime(of).take())),
            way("join", of -> CompletableFuture.completedStage(of.join().take())),
            way("getNow", of -> CompletableFuture.completedStage(of.getNow(null).take())),
            way(
                    "resultNow",
                    of -> CompletableFuture.completedStage(of.resultNow().take())),
            way("thenApply", of -> of.thenApply(OwnedFutureTest::use)),
            way("thenApplyAsync", of -> of.thenApplyAsync(OwnedFutureTest::use)),
            way("thenApplyAsync 2", of -> of.thenApplyAsync(OwnedFutureTest::use, HERE)),
            way("thenAccept", of -> of.thenAccept(Thing::take)),
            way("thenAcceptAsync", of -> of.thenAcceptAsync(Thing::take)),
            way("thenAcceptAsync 2", of -> of.thenAcceptAsync(Thing::take, HERE)),
            way("thenCombine", of -> of.thenCombine(OTHER, OwnedFutureTest::first)),
            way("thenCombineAsync", of -> of.thenCombineAsync(OTHER, OwnedFutureTest::first)),
            way(
                    "thenCombineAsync 2",
                    of -> of.thenCombineAsync(OTHER, OwnedFutureTest::first, HERE)),
            way("thenAcceptBoth", of -> of.thenAcceptBoth(OTHER, OwnedFutureTest::first)),
            way("thenAcceptBothAsync", of -> of.thenAcceptBothAsync(OTHER, OwnedFutureTest::first)),
            way(
                    "thenAcceptBothAsync 2",
                    of -> of.thenAcceptBothAsync(OTHER, OwnedFutureTest::first, HERE)),
            way("applyToEither", of -> of.applyToEither(NEVER, OwnedFutureTest::use)),
            way("applyToEitherAsync", of -> of.applyToEitherAsync(NEVER, OwnedFutureTest::use)),
            way(
                    "applyToEitherAsync 2",
                    of -> of.applyToEitherAsync(NEVER, OwnedFutureTest::use, HERE)),
            way("acceptEither", of -> of.acceptEither(NEVER, Thing::take)),
            way("acceptEitherAsync", of -> of.acceptEitherAsync(NEVER, Thing::take)),
            way("acceptEitherAsync 2", of -> of.acceptEitherAsync(NEVER, Thing::take, HERE)),
            way("thenCompose", of -> of.thenCompose(OwnedFutureTest::stage)),
            way("thenComposeAsync", of -> of.thenComposeAsync(OwnedFutureTest::stage)),
            way("thenComposeAsync 2", of -> of.thenComposeAsync(OwnedFutureTest::stage, HERE)),
            way("whenComplete", of -> of.whenComplete(OwnedFutureTest::orNothing)),
            way("whenCompleteAsync", of -> of.whenCompleteAsync(OwnedFutureTest::orNothing)),
            way(
                    "whenCompleteAsync 2",
                    of -> of.whenCompleteAsync(OwnedFutureTest::orNothing, HERE)),
            way("handle", of -> of.handle(OwnedFutureTest::orNothing)),
            way("handleAsync", of -> of.handleAsync(OwnedFutureTest::orNothing)),
            way("handleAsync 2", of -> of.handleAsync(OwnedFutureTest::orNothing, HERE)),
            way("exceptionally", of -> taken(of.exceptionally(failure -> null))),
            way("exceptionallyAsync", of -> taken(of.exceptionallyAsync(failure -> null))),
            way("exceptionallyAsync 2", of -> taken(of.exceptionallyAsync(failure -> null, HERE))),
            way(
                    "exceptionallyCompose",
                    of -> taken(of.exceptionallyCompose(CompletableFuture::failedFuture))),
            way(
                    "exceptionallyComposeAsync",
                    of -> taken(of.exceptionallyComposeAsync(CompletableFuture::failedFuture))),
            way(
                    "exceptionallyComposeAsync 2",
                    of -> taken(
                            of.exceptionallyComposeAsync(CompletableFuture::failedFuture, HERE))),
            way("copy", of -> taken(of.copy())),
            way("toCompletableFuture", of -> taken(of.toCompletableFuture())),
            way(
                    "minimalCompletionStage",
                    of -> of.minimalCompletionStage().thenAccept(Thing::take)),
            way(
                    "composed by another",
                    of -> taken(CompletableFuture.completedFuture(1).thenCompose(one -> of))),
            way(
                    "combined by another",
                    of -> CompletableFuture.completedFuture(1)
                            .thenCombine(of, (one, thing) -> thing.take())));

    /** Those that wait for a result that is not there. */
    static final List<Way> WAITING =
            TAKING.stream().filter(way -> !way.name.endsWith("Now")).toList();

    private static CompletionStage<Void> taken(CompletableFuture<Thing> stage) {
        return stage.thenAccept(Thing::take);
    }

    private static Thing got(Future<Thing> of) {
        try {
            return of.get();
        } catch (Exception failure) {
            throw new CompletionException(failure.getCause());
        }
    }

    private static Thing gotInTime(Future<Thing> of) {
        try {
            return of.get(1, TimeUnit.MINUTES);
        } catch (Exception failure) {
            throw new CompletionException(failure.getCause());
        }
    }

    @ParameterizedTest
    @FieldSource("TAKING")
    void taken_isTheTakersForEver(Way way) throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = there(getting);
        way.way.apply(future).toCompletableFuture().get(1, TimeUnit.MINUTES);
        assertThat(getting.thing.taken).hasValue(1);
        assertThat(future.isUntaken()).isFalse();
        assertThat(future.cancel(true)).isFalse();
        assertThat(workers.openCount()).isZero();
        assertThat(getting.thing.givenBack).hasValue(0);
    }

    @ParameterizedTest
    @FieldSource("TAKING")
    void cancelled_isGivenToNobody(Way way) throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = there(getting);
        assertThat(future.cancel(true)).isTrue();
        Throwable ignored = catchThrowable(
                () -> way.way.apply(future).toCompletableFuture().get(1, TimeUnit.MINUTES));
        assertThat(getting.thing.taken).hasValue(0);
        assertThat(getting.thing.givenBack).hasValue(1);
    }

    /** Cancelled, taken and brought at the same time, again and again. */
    @ParameterizedTest
    @FieldSource("WAITING")
    void cancelledTakenAndBroughtAtOnce_oneHasIt(Way way) throws Exception {
        CyclicBarrier together = new CyclicBarrier(3);
        try (var threads = Executors.newCachedThreadPool()) {
            for (int i = 0; i < 20; i++) {
                Getting getting = new Getting();
                OwnedFuture<Thing> future = workers.submit(of -> getting);
                Future<Boolean> cancelled = threads.submit(() -> {
                    together.await();
                    return future.cancel(true);
                });
                Future<Throwable> took = threads.submit(() -> {
                    together.await();
                    return catchThrowable(() ->
                            way.way.apply(future).toCompletableFuture().get(1, TimeUnit.MINUTES));
                });
                together.await();
                getting.go.countDown();
                boolean given = cancelled.get();
                Throwable failure = took.get();
                waitUntilForgotten();
                String when = way + ": cancelled " + given + ", took " + failure;
                Thing thing = getting.thing;
                assertThat(thing.givenBack.get() + thing.taken.get())
                        .as(when)
                        .isLessThanOrEqualTo(1);
                if (given) {
                    assertThat(thing.taken).as(when).hasValue(0);
                    assertThat(future).as(when).isCancelled();
                } else {
                    assertThat(thing.taken).as(when).hasValue(1);
                }
            }
        }
    }

    private void waitUntilForgotten() {
        Eventually.becomes("all are forgotten", () -> workers.openCount() == 0);
    }

    @Test
    void stageThatIsCancelled_hasTakenNothing() throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = workers.submit(of -> getting);
        CompletableFuture<Thing> stage = future.thenApply(Thing::take);
        assertThat(stage.cancel(true)).isTrue();
        getting.go.countDown();
        Eventually.becomes("done", future::isDone);
        assertThat(future.isUntaken()).isTrue();
        assertThat(future.join()).isSameAs(getting.thing);
    }

    @Test
    void stagesWithoutTheResult_takeNothing() throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = there(getting);
        future.thenRun(() -> {}).get();
        future.runAfterBoth(OTHER, () -> {}).get();
        future.runAfterEither(OTHER, () -> {}).get();
        assertThat(CompletableFuture.anyOf(future).get()).isSameAs(getting.thing);
        assertThat(future.isUntaken()).isTrue();
        assertThat(future.isDone()).isTrue();
        assertThat(future.state()).isEqualTo(Future.State.SUCCESS);
        assertThat(future.cancel(false)).isTrue();
        assertThat(future.state()).isEqualTo(Future.State.CANCELLED);
    }

    @Test
    void othersThatAreFirst_leaveItUntaken() throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = workers.submit(of -> getting);
        Thing another = new Thing();
        CompletionStage<Thing> first = CompletableFuture.completedStage(another);
        assertThat(future.applyToEither(first, Thing::take).get()).isSameAs(another);
        assertThat(future.getNow(another)).isSameAs(another);
        getting.go.countDown();
        Eventually.becomes("done", future::isDone);
        assertThat(future.isUntaken()).isTrue();
        assertThat(future.cancel(true)).isTrue();
        assertThat(getting.thing.taken).hasValue(0);
    }

    /** A close that came then took what was taken for the future's own. */
    @Test
    void obtrudedWhileItIsTaken_isNotGivenBack() throws Exception {
        try (var threads = Executors.newCachedThreadPool()) {
            CyclicBarrier together = new CyclicBarrier(3);
            for (int i = 0; i < 500; i++) {
                Getting getting = new Getting();
                OwnedFuture<Thing> future = there(getting);
                List<Future<?>> others = List.of(
                        threads.submit(() -> {
                            together.await();
                            future.obtrudeException(new ArithmeticException("own"));
                            return null;
                        }),
                        threads.submit(() -> {
                            together.await();
                            return workers.end(
                                    any -> true,
                                    () -> new IllegalStateException("closed"),
                                    () -> false);
                        }));
                together.await();
                Throwable untaken = catchThrowable(() -> future.join().take());
                for (Future<?> other : others) {
                    other.get();
                }
                waitUntilForgotten();
                assertThat(getting.thing.givenBack).hasValue(untaken == null ? 0 : 1);
            }
        }
    }

    // ---- stages of two of them ----

    /** A stage of one future and another; both of things. */
    private record Two(
            String name,
            BiFunction<OwnedFuture<Thing>, OwnedFuture<Thing>, CompletableFuture<?>> way) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Two two(
            String name,
            BiFunction<OwnedFuture<Thing>, OwnedFuture<Thing>, CompletableFuture<?>> way) {
        return new Two(name, way);
    }

    private static Thing both(Thing one, Thing other) {
        other.take();
        return one.take();
    }

    static final List<Two> BOTH = List.of(
            two("thenCombine", (of, to) -> of.thenCombine(to, OwnedFutureTest::both)),
            two("thenCombineAsync", (of, to) -> of.thenCombineAsync(to, OwnedFutureTest::both)),
            two(
                    "thenCombineAsync 2",
                    (of, to) -> of.thenCombineAsync(to, OwnedFutureTest::both, HERE)),
            two("thenAcceptBoth", (of, to) -> of.thenAcceptBoth(to, OwnedFutureTest::both)),
            two(
                    "thenAcceptBothAsync",
                    (of, to) -> of.thenAcceptBothAsync(to, OwnedFutureTest::both)),
            two(
                    "thenAcceptBothAsync 2",
                    (of, to) -> of.thenAcceptBothAsync(to, OwnedFutureTest::both, HERE)));

    static final List<Two> EITHER = List.of(
            two("applyToEither", (of, to) -> of.applyToEither(to, OwnedFutureTest::use)),
            two("applyToEitherAsync", (of, to) -> of.applyToEitherAsync(to, OwnedFutureTest::use)),
            two(
                    "applyToEitherAsync 2",
                    (of, to) -> of.applyToEitherAsync(to, OwnedFutureTest::use, HERE)),
            two("acceptEither", (of, to) -> of.acceptEither(to, Thing::take)),
            two("acceptEitherAsync", (of, to) -> of.acceptEitherAsync(to, Thing::take)),
            two("acceptEitherAsync 2", (of, to) -> of.acceptEitherAsync(to, Thing::take, HERE)));

    static final List<Two> NEITHER = List.of(
            two("runAfterBoth", (of, to) -> of.runAfterBoth(to, () -> {})),
            two("runAfterBothAsync", (of, to) -> of.runAfterBothAsync(to, () -> {})),
            two("runAfterBothAsync 2", (of, to) -> of.runAfterBothAsync(to, () -> {}, HERE)),
            two("runAfterEither", (of, to) -> of.runAfterEither(to, () -> {})),
            two("runAfterEitherAsync", (of, to) -> of.runAfterEitherAsync(to, () -> {})),
            two("runAfterEitherAsync 2", (of, to) -> of.runAfterEitherAsync(to, () -> {}, HERE)));

    private void assertUntaken(OwnedFuture<Thing> future, Getting getting) {
        assertThat(future.isUntaken()).isTrue();
        assertThat(getting.thing.taken).hasValue(0);
        assertThat(future.cancel(true)).isTrue();
        assertThat(getting.thing.givenBack).hasValue(1);
    }

    private static void assertTaken(OwnedFuture<Thing> future, Getting getting) {
        assertThat(future.isUntaken()).isFalse();
        assertThat(getting.thing.taken).hasValue(1);
        assertThat(future.cancel(true)).isFalse();
        assertThat(getting.thing.givenBack).hasValue(0);
    }

    @ParameterizedTest
    @FieldSource("BOTH")
    void both_areTaken(Two two) throws Exception {
        Getting first = new Getting();
        Getting second = new Getting();
        OwnedFuture<Thing> one = there(first);
        OwnedFuture<Thing> other = workers.submit(of -> second);
        CompletableFuture<?> stage = two.way.apply(one, other);
        assertThat(one.isUntaken()).isTrue();
        second.go.countDown();
        stage.get(1, TimeUnit.MINUTES);
        assertTaken(one, first);
        assertTaken(other, second);
    }

    @ParameterizedTest
    @FieldSource("BOTH")
    void ofBoth_oneThatFails_leavesTheOtherUntaken(Two two) throws Exception {
        for (boolean failsFirst : new boolean[] {true, false}) {
            Getting getting = new Getting();
            OwnedFuture<Thing> good = there(getting);
            Getting failing = new Getting();
            OwnedFuture<Thing> bad = workers.submit(of -> failing);
            CompletableFuture<?> stage =
                    failsFirst ? two.way.apply(bad, good) : two.way.apply(good, bad);
            assertThat(bad.completeExceptionally(new ArithmeticException("own")))
                    .isTrue();
            assertThatThrownBy(() -> stage.get(1, TimeUnit.MINUTES))
                    .hasRootCauseInstanceOf(ArithmeticException.class);
            assertUntaken(good, getting);
            failing.go.countDown();
            awaitNoneUnderWay();
        }
    }

    /** What is to be called with both is on its way when one of them is cancelled. */
    @Test
    void ofBoth_oneThatIsCancelledLast_leavesTheOtherUntaken() throws Exception {
        for (int cancelled = 0; cancelled < 2; cancelled++) {
            List<Getting> gettings = List.of(new Getting(), new Getting());
            OwnedFuture<Thing> one = there(gettings.get(0));
            OwnedFuture<Thing> other = there(gettings.get(1));
            List<Runnable> called = new ArrayList<>();
            CompletableFuture<Thing> stage =
                    one.thenCombineAsync(other, OwnedFutureTest::both, called::add);
            OwnedFuture<Thing> left = cancelled == 0 ? other : one;
            assertThat((cancelled == 0 ? one : other).cancel(true)).isTrue();
            called.getFirst().run();
            assertThat(stage).isCompletedExceptionally();
            assertUntaken(left, gettings.get(1 - cancelled));
        }
    }

    @ParameterizedTest
    @FieldSource("EITHER")
    void ofEither_theOtherIsLeftUntaken(Two two) throws Exception {
        Getting first = new Getting();
        Getting second = new Getting();
        OwnedFuture<Thing> one = there(first);
        OwnedFuture<Thing> other = workers.submit(of -> second);
        CompletableFuture<?> stage = two.way.apply(one, other);
        stage.get(1, TimeUnit.MINUTES);
        second.go.countDown();
        Eventually.becomes("there", other::isUntaken);
        assertTaken(one, first);
        assertUntaken(other, second);
    }

    @ParameterizedTest
    @FieldSource("EITHER")
    void ofEither_theOtherMayBeTheFirst(Two two) throws Exception {
        Getting first = new Getting();
        Getting second = new Getting();
        OwnedFuture<Thing> one = workers.submit(of -> first);
        OwnedFuture<Thing> other = there(second);
        two.way.apply(one, other).get(1, TimeUnit.MINUTES);
        first.go.countDown();
        Eventually.becomes("there", one::isUntaken);
        assertTaken(other, second);
        assertUntaken(one, first);
    }

    @ParameterizedTest
    @FieldSource("NEITHER")
    void ofTwo_thoseWithoutTheResults_takeNothing(Two two) throws Exception {
        Getting first = new Getting();
        Getting second = new Getting();
        OwnedFuture<Thing> one = there(first);
        OwnedFuture<Thing> other = there(second);
        two.way.apply(one, other).get(1, TimeUnit.MINUTES);
        assertUntaken(one, first);
        assertUntaken(other, second);
    }

    // ---- results from outside ----

    @Test
    void resultFromOutside_endsTheOperation() throws Exception {
        List<BiConsumer<OwnedFuture<Thing>, Thing>> ways = List.of(
                (of, thing) -> assertThat(of.complete(thing)).isTrue(),
                (of, thing) -> assertThat(of.completeAsync(() -> thing, HERE)).isSameAs(of),
                (of, thing) -> of.completeAsync(() -> thing).join(),
                (of, thing) ->
                        of.completeOnTimeout(thing, 1, TimeUnit.MILLISECONDS).join(),
                OwnedFuture::obtrudeValue);
        for (BiConsumer<OwnedFuture<Thing>, Thing> way : ways) {
            Getting getting = new Getting();
            OwnedFuture<Thing> future = workers.submit(of -> getting);
            Thing own = new Thing();
            way.accept(future, own);
            assertThat(future.get()).isSameAs(own);
            getting.go.countDown();
            waitUntilForgotten();
            assertThat(getting.thing.givenBack.get() + getting.abandoned.get()).isEqualTo(1);
            assertThat(future.join()).isSameAs(own);
        }
    }

    @Test
    void failureFromOutside_endsTheOperation() throws Exception {
        ArithmeticException own = new ArithmeticException("own");
        List<Consumer<OwnedFuture<Thing>>> ways = List.of(
                of -> assertThat(of.completeExceptionally(own)).isTrue(),
                of -> of.obtrudeException(own),
                of -> of.completeAsync(
                        () -> {
                            throw own;
                        },
                        HERE));
        for (Consumer<OwnedFuture<Thing>> way : ways) {
            Getting getting = new Getting();
            OwnedFuture<Thing> future = workers.submit(of -> getting);
            way.accept(future);
            assertThatThrownBy(future::join).hasRootCause(own);
            getting.go.countDown();
            waitUntilForgotten();
            assertThat(getting.thing.givenBack.get() + getting.abandoned.get()).isEqualTo(1);
        }
    }

    @Test
    void obtruded_givesBackWhatNobodyTook_andLeavesWhatSomebodyHas() throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = there(getting);
        Thing own = new Thing();
        future.obtrudeValue(own);
        assertThat(getting.thing.givenBack).hasValue(1);
        assertThat(future.join()).isSameAs(own);
        Getting second = new Getting();
        OwnedFuture<Thing> taken = there(second);
        taken.join();
        taken.obtrudeException(new CancellationException());
        assertThat(second.thing.givenBack).hasValue(0);
        assertThatThrownBy(taken::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void lateResultFromOutside_changesNothing() throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = there(getting);
        assertThat(future.complete(new Thing())).isFalse();
        assertThat(future.completeExceptionally(new ArithmeticException())).isFalse();
        assertThat(future.orTimeout(0, TimeUnit.NANOSECONDS)).isSameAs(future);
        assertThat(future.join()).isSameAs(getting.thing);
    }

    @Test
    void timeout_comesWhileTheDefaultExecutorIsFull() {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = workers.submit(of -> getting);
        try (FullCommonPool full = new FullCommonPool()) {
            future.orTimeout(1, TimeUnit.MILLISECONDS);
            assertThatThrownBy(() -> future.get(1, TimeUnit.MINUTES))
                    .hasCauseInstanceOf(TimeoutException.class);
        } finally {
            getting.go.countDown();
        }
        awaitNoneUnderWay();
    }

    /** A timer that stayed until its time would be kept for each operation of hours. */
    @Test
    void timeout_isForgottenWithTheEnd() throws Exception {
        long before = ForkJoinPool.commonPool().getDelayedTaskCount();
        for (int i = 0; i < 1000; i++) {
            Getting getting = new Getting();
            getting.go.countDown();
            OwnedFuture<Thing> future = workers.submit(of -> getting);
            future.orTimeout(1, TimeUnit.HOURS).completeOnTimeout(null, 2, TimeUnit.HOURS);
            assertThat(future.get(1, TimeUnit.MINUTES)).isNotNull();
        }
        Eventually.becomes(
                "forgotten", () -> ForkJoinPool.commonPool().getDelayedTaskCount() < before + 100);
    }

    /** Those that are made at the moment of the end too. */
    @Test
    void stages_areNotRunByTheThreadsThatCopy() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        for (int i = 0; System.nanoTime() - end < 0; i++) {
            OwnedFuture<Thing> future = workers.submit(of -> new Forwarding(new Thing()));
            for (int spin = i * 7 % 400; spin > 0; spin--) {
                Thread.onSpinWait();
            }
            assertThat(future.thenApply(thing -> Workers.isWorker()).join()).isFalse();
        }
    }

    /** What follows an allOf may run on such a thread, and nobody else is to wait for that. */
    @Test
    void stage_isMadeBesideWhatFollowsAnAllOf() throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = workers.submit(of -> getting);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Void> after = CompletableFuture.allOf(future).thenRun(() -> {
            inside.countDown();
            Eventually.becomes("let go", () -> go.getCount() == 0);
        });
        getting.go.countDown();
        inside.await();
        assertThat(future.thenApply(Thing::take).get(1, TimeUnit.MINUTES)).isSameAs(getting.thing);
        go.countDown();
        after.get(1, TimeUnit.MINUTES);
    }

    @Test
    void futureWithAStage_isDoneWhileTheDefaultExecutorIsFull() throws Exception {
        Getting getting = new Getting();
        OwnedFuture<Thing> future = workers.submit(of -> getting);
        CompletableFuture<Void> stage = future.thenRun(() -> {});
        try (FullCommonPool full = new FullCommonPool()) {
            getting.go.countDown();
            assertThat(future.get(1, TimeUnit.MINUTES)).isNotNull();
            assertThat(future.isDone()).isTrue();
            assertThat(stage.isDone()).isFalse();
        }
        stage.get(1, TimeUnit.MINUTES);
        awaitNoneUnderWay();
    }

    // ---- giving back fails ----

    @Test
    void whatCannotBeGivenBack_isTriedAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Thing thing = new Thing();
        OwnedFuture<Thing> future = workers.submit(of -> new Forwarding(thing) {
            @Override
            public void giveBack(Thing result) {
                if (tries.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("injected");
                }
            }
        });
        CompletableFuture.allOf(future).get(1, TimeUnit.MINUTES);
        assertThat(future.cancel(true)).isTrue();
        assertThat(workers.openCount()).isEqualTo(1);
        assertThat(workers.untaken(any -> true)).as("so that a close looks").isEqualTo(1);
        assertThat(workers.end(any -> true, () -> new IllegalStateException("x"), () -> false))
                .isTrue();
        assertThat(tries).hasValue(2);
    }

    /** Who closes beside whoever cancels waits for that one to be through. */
    @Test
    void whatIsBeingGivenBack_isAwaited() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger tries = new AtomicInteger();
        OwnedFuture<Thing> future = workers.submit(of -> new Forwarding(new Thing()) {
            @Override
            public void giveBack(Thing result) {
                tries.incrementAndGet();
                entered.countDown();
                try {
                    go.await();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            }
        });
        CompletableFuture.allOf(future).get(1, TimeUnit.MINUTES);
        Thread cancelling = Thread.ofPlatform().start(() -> future.cancel(true));
        entered.await();
        BooleanSupplier waits = () -> {
            go.countDown();
            return true;
        };
        assertThat(workers.end(any -> true, () -> new IllegalStateException("x"), () -> false))
                .isFalse();
        assertThat(workers.end(any -> true, () -> new IllegalStateException("x"), waits))
                .isTrue();
        assertThat(tries).hasValue(1);
        cancelling.join();
    }

    /** An operation that has its thing at once. */
    private static class Forwarding implements Attempt<Thing> {
        private final Thing thing;

        Forwarding(Thing thing) {
            this.thing = thing;
        }

        @Override
        public Thing go() {
            return thing;
        }

        @Override
        public long leftNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void abandon() {}

        @Override
        public boolean isOwned() {
            return true;
        }

        @Override
        public Object subject() {
            return this;
        }
    }

    // ---- completeness ----

    /** Whoever makes a stage that is given the result, or completes the future, must be here. */
    @Test
    void everyMethodThatHandsTheResultOver_isOverridden() {
        Set<Class<?>> given =
                Set.of(Function.class, BiFunction.class, Consumer.class, BiConsumer.class);
        List<String> missing = Arrays.stream(CompletableFuture.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method ->
                        Arrays.stream(method.getParameterTypes()).anyMatch(given::contains)
                                || method.getReturnType() == Object.class
                                || CompletionStage.class.isAssignableFrom(method.getReturnType()))
                .filter(method -> !isOverridden(method))
                .map(Method::getName)
                .collect(Collectors.toList());
        assertThat(missing).containsOnly("thenRun", "thenRunAsync");
    }

    private static boolean isOverridden(Method method) {
        try {
            return OwnedFuture.class
                            .getMethod(method.getName(), method.getParameterTypes())
                            .getDeclaringClass()
                    != CompletableFuture.class;
        } catch (NoSuchMethodException impossible) {
            throw new AssertionError(impossible);
        }
    }

    // ---- the threads ----

    @Test
    void manyAtOnce_allRun() throws Exception {
        for (int round = 0; round < 20; round++) {
            List<CompletableFuture<Thing>> all = IntStream.range(0, 200)
                    .mapToObj(i -> (CompletableFuture<Thing>)
                            workers.<Thing>submit(of -> new Forwarding(new Thing())))
                    .toList();
            for (CompletableFuture<Thing> each : all) {
                assertThat(each.get(1, TimeUnit.MINUTES)).isNotNull();
            }
        }
        assertThat(workers.threadCount()).isBetween(1, Workers.threads());
    }

    /** Whoever takes an operation may be long: others look for those that are put aside. */
    @Test
    void threadThatDoesNotComeBack_keepsNoneWaitingThatIsPutAside() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        OwnedFuture<Thing> waiting = workers.submit(of -> new Waiting(looks));
        Getting stuck = new Getting();
        try {
            awaitLooks(looks, 30); // by a thread that rests in between
            OwnedFuture<Thing> future = workers.submit(of -> stuck);
            stuck.entered.await();
            assertThat(future).isNotDone();
            awaitLooks(looks, looks.get() + 3);
        } finally {
            stuck.go.countDown();
        }
        assertThat(waiting.cancel(true)).isTrue();
        awaitNoneUnderWay();
    }

    private void awaitNoneUnderWay() {
        Eventually.becomes("none is under way", () -> workers.underWay() == 0);
    }

    /** An operation that always would have to wait. */
    private record Waiting(AtomicInteger looks) implements Attempt<Thing> {
        @Override
        public @Nullable Thing go() {
            looks.incrementAndGet();
            return null;
        }

        @Override
        public long leftNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void abandon() {}

        @Override
        public boolean isOwned() {
            return true;
        }

        @Override
        public Object subject() {
            return this;
        }
    }

    private static void awaitLooks(AtomicInteger looks, int most) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (looks.get() < most) {
            assertThat(System.nanoTime()).as("%s looks", looks).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void threads_leaveWhenTheyHaveNothingToDo() throws Exception {
        workers.<Thing>submit(of -> new Forwarding(new Thing())).get(1, TimeUnit.MINUTES);
        Eventually.becomes("no thread", () -> workers.threadCount() == 0);
        workers.<Thing>submit(of -> new Forwarding(new Thing())).get(1, TimeUnit.MINUTES);
    }
}
