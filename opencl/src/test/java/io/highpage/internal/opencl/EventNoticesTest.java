// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.MemorySegment.NULL;

import io.highpage.bindings.opencl.clSetEventCallback$pfn_notify;
import io.highpage.testkit.ControlGroup;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/** The function that drivers call when a command has ended, called as they do. */
class EventNoticesTest {
    private final AtomicInteger told = new AtomicInteger();

    @BeforeAll
    static void nativeLibrary() {
        FirstDevice.needsNativeLibrary();
    }

    private static void call(int status, long number) {
        clSetEventCallback$pfn_notify.invoke(
                EventNotices.function(), NULL, status, MemorySegment.ofAddress(number));
    }

    /** Numbers are heard in the order in which they were told; while the table is full, none. */
    private static void allIsHeard() {
        CountDownLatch last = new CountDownLatch(1);
        long number = EventNotices.begin(() -> false, last::countDown);
        Eventually.becomes("heard", () -> {
            call(0, number);
            return last.getCount() == 0;
        });
    }

    @Test
    void end_isToldOnce_whateverTheStatusAndHoweverOften() throws Exception {
        for (int status : new int[] {0, -5, -9999, 3}) {
            long number = EventNotices.begin(() -> false, told::incrementAndGet);
            call(status, number);
            call(status, number);
            allIsHeard();
            assertThat(told.getAndSet(0)).isEqualTo(1);
        }
    }

    @Test
    void end_fromAThreadOfNobodysKnowing_isTold() throws Exception {
        long number = EventNotices.begin(() -> false, told::incrementAndGet);
        Thread foreign = Thread.ofPlatform().start(() -> call(0, number));
        foreign.join();
        allIsHeard();
        assertThat(told).hasValue(1);
    }

    @Test
    void end_ofWhatNobodyWaitsForAnyMore_orNobodyHas_isNotHeard() throws Exception {
        long number = EventNotices.begin(() -> false, told::incrementAndGet);
        EventNotices.end(number);
        call(0, number);
        call(0, 0);
        call(0, -1);
        allIsHeard();
        assertThat(told).hasValue(0);
    }

    @Test
    void handOverThatThrows_keepsNobodyElseWaiting_andIsTriedAgain() throws Exception {
        for (Throwable thrown : new Throwable[] {
            new OutOfMemoryError("as if"), new StackOverflowError(), new IllegalStateException()
        }) {
            AtomicInteger tries = new AtomicInteger();
            long number = EventNotices.begin(() -> false, () -> {
                if (tries.incrementAndGet() == 1) {
                    EventNoticesTest.<RuntimeException>raise(thrown);
                }
                told.incrementAndGet();
            });
            call(0, number);
            allIsHeard();
            assertThat(told).hasValue(0);
            call(0, number);
            call(0, number);
            allIsHeard();
            assertThat(told.getAndSet(0)).isEqualTo(1);
        }
    }

    @Test
    void handOverThatFails_isTriedAgainByWhoLooks() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        CountDownLatch handed = new CountDownLatch(1);
        EventNotices.begin(() -> true, () -> {
            if (tries.incrementAndGet() < 3) {
                throw new OutOfMemoryError("as if");
            }
            handed.countDown();
        });
        assertThat(handed.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void endThatNoDriverTells_isSeen() throws Exception {
        CountDownLatch seen = new CountDownLatch(2);
        AtomicBoolean ended = new AtomicBoolean();
        EventNotices.begin(ended::get, seen::countDown);
        EventNotices.begin(ended::get, seen::countDown);
        assertThat(seen.getCount()).isEqualTo(2);
        ended.set(true);
        assertThat(seen.await(60, TimeUnit.SECONDS)).isTrue();
        // The thread may be on its way out by now; who waits next is looked after too.
        for (int i = 0; i < 20; i++) {
            CountDownLatch next = new CountDownLatch(1);
            EventNotices.begin(() -> true, next::countDown);
            assertThat(next.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** As many as no native table keeps, from threads of their own. */
    @Test
    void endsOfManyThreads_areAllToldOnce() throws Exception {
        int each = 3000;
        CountDownLatch all = new CountDownLatch(4 * each);
        AtomicBoolean ended = new AtomicBoolean();
        List<Thread> drivers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long[] numbers = LongStream.generate(() -> EventNotices.begin(ended::get, () -> {
                        told.incrementAndGet();
                        all.countDown();
                    }))
                    .limit(each)
                    .toArray();
            drivers.add(Thread.ofPlatform()
                    .unstarted(() -> LongStream.of(numbers).forEach(number -> call(0, number))));
        }
        drivers.forEach(Thread::start);
        for (Thread driver : drivers) {
            driver.join();
        }
        ended.set(true); // what was dropped is looked at
        assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        allIsHeard();
        assertThat(told).hasValue(4 * each);
    }

    @Test
    void lookThatThrows_keepsNobodyElseWaiting() throws Exception {
        long broken = EventNotices.begin(
                () -> {
                    throw new IllegalStateException("as if");
                },
                told::incrementAndGet);
        CountDownLatch seen = new CountDownLatch(1);
        EventNotices.begin(() -> true, seen::countDown);
        assertThat(seen.await(60, TimeUnit.SECONDS)).isTrue();
        EventNotices.end(broken);
        assertThat(told).hasValue(0);
    }

    /** As a container's limit does it, in a JVM of its own. */
    @Test
    void systemWithoutAThread_isSaid_andLaterOnesAreTold() throws Exception {
        try (ControlGroup group = ControlGroup.ofThreads(1000)) {
            Process child = JavaProcess.small(
                            group.inside(),
                            List.of("-XX:-UseDynamicNumberOfCompilerThreads"),
                            EventsWithoutThreadsMain.class)
                    .start();
            try (BufferedReader lines = child.inputReader()) {
                assertThat(lines.readLine()).isEqualTo("ready");
                group.allowNoMoreThreads();
                child.getOutputStream().write('\n');
                child.getOutputStream().flush();
                assertThat(lines.lines().filter("asked"::equals).findFirst()).isPresent();
                group.allowThreads(1000);
                child.getOutputStream().write('\n');
                child.getOutputStream().flush();
                assertThat(lines.lines().toList())
                        .contains("nobody would be told, 0 wait", "told", "looked after", "done");
            }
            assertThat(child.waitFor()).isZero();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
