// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

class SpanHistoryTest {
    private final UseClock clock = new UseClock();
    private final SpanHistory[] spans =
            Stream.generate(SpanHistory::new).limit(100).toArray(SpanHistory[]::new);

    private void loop(int passes, AccessMode mode) {
        for (int i = 0; i < passes * spans.length; i++) {
            clock.use(spans[i % spans.length], mode);
        }
    }

    @Test
    void spanOfALoop_isWorthOneUseAPass_andTwoIfItIsModified() {
        loop(20, AccessMode.READ);

        assertThat(spans[50].worth(clock)).isEqualTo(0.01, within(0.002));
        loop(80, AccessMode.READ_WRITE);
        assertThat(spans[50].worth(clock)).isEqualTo(0.02, within(0.004));
        loop(80, AccessMode.WRITE);
        assertThat(spans[50].worth(clock)).isEqualTo(0.01, within(0.002));
    }

    @Test
    void ofALoop_theOneJustUsedIsWorthLeast() {
        loop(5, AccessMode.READ);

        for (int i = 1; i < spans.length; i++) {
            assertThat(spans[i].worth(clock)).isLessThanOrEqualTo(spans[i - 1].worth(clock));
        }
        assertThat(spans[99].worth(clock)).isLessThan(0.9 * spans[1].worth(clock));
    }

    @Test
    void secondPass_isKnownAsSuchFromItsFirstSpanOn() {
        loop(1, AccessMode.READ);
        clock.use(spans[0], AccessMode.READ);

        assertThat(spans[99].worth(clock)).isLessThan(spans[1].worth(clock));
    }

    @Test
    void spanThatIsNotUsedAnyMore_losesItsWorth() {
        loop(20, AccessMode.READ);
        SpanHistory old = spans[0];
        double before = old.worth(clock);
        spans[0] = new SpanHistory();
        loop(20, AccessMode.READ);

        assertThat(old.worth(clock)).isLessThan(before / 4);
    }

    @Test
    void usesWithFewOthersBetween_areOne_thatDoesWhatAllDo() {
        clock.resident(32);
        clock.use(spans[0], AccessMode.READ);
        clock.use(spans[1], AccessMode.READ);
        long now = clock.now();
        for (int i = 0; i < 100; i++) {
            clock.use(spans[i % 2], AccessMode.READ);
        }

        assertThat(clock.now()).isEqualTo(now);
        assertThat(spans[0].uses()).isOne();
        double read = spans[0].worth(clock);
        clock.use(spans[0], AccessMode.READ_WRITE);
        assertThat(spans[0].worth(clock)).isEqualTo(2 * read);
    }

    @Test
    void clockThatASlowThreadSetBack_goesOnFromTheLastUse() {
        loop(3, AccessMode.READ);
        UseClock setBack = new UseClock();
        setBack.use(spans[50]);
        setBack.use(spans[49]);

        assertThat(setBack.now()).isGreaterThan(spans[50].lastUse());
        assertThat(spans[49].uses()).isEqualTo(4);
    }

    @Test
    void usesByManyThreadsAtOnce_leaveNumbersThatCanBe() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            Random random = new Random(seed);
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 300_000; i++) {
                    clock.use(
                            spans[random.nextInt(random.nextBoolean() ? 4 : spans.length)],
                            AccessMode.values()[random.nextInt(3)]);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        for (SpanHistory span : spans) {
            assertThat(span.worth(clock)).isPositive().isLessThan(3);
            long uses = span.uses();
            clock.use(span);
            clock.use(new SpanHistory());
            clock.use(span);
            assertThat(span.uses()).isGreaterThan(uses);
            assertThat(span.lastUse()).isEqualTo(clock.now());
        }
    }
}
