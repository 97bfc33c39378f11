// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.DeviceAccess;
import io.highpage.HomeRegistration;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.migrate.HomeDiscard;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The home of a whole buffer is kept by somebody outside, while its pages come and go. */
class HomeRegistrationTest {
    private static final int PAGE = Scene.PAGE;
    private static final Keeper CARD = Keeper.named("card");

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static Pages pages(PageBuffer buffer) {
        return ((ManagedBuffer) buffer).pages();
    }

    private static long discard(PageBuffer buffer) {
        return HomeDiscard.run(pages(buffer), 0, buffer.pageCount());
    }

    /** {@return how many pages have memory at home} */
    private static long committed(PageBuffer buffer) {
        long count = 0;
        for (long page = 0; page < buffer.pageCount(); page++) {
            count += PageWord.is(pages(buffer).table().word(page), PageWord.COMMITTED) ? 1 : 0;
        }
        return count;
    }

    @ParameterizedTest
    @EnumSource
    void keptHome_hasMemoryForEveryPage_andGivesNoneUp(DeviceKind kind) {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene scene = Scene.of(runtime, "HD.D");
        PageBuffer buffer = scene.buffer;
        assertThat(discard(buffer)).isEqualTo(2);
        try (HomeRegistration kept = buffer.registerHome(CARD)) {
            assertThat(kept.buffer()).isSameAs(buffer);
            assertThat(kept.keeper()).isSameAs(CARD);
            assertThat(kept.address().byteSize()).isZero();
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(pin.segment().address()).isEqualTo(kept.address().address());
            }
            assertThat(committed(buffer)).isEqualTo(4);
            assertThat(runtime.budget().hostUsedBytes()).isEqualTo(4L * PAGE);
            assertThat(buffer.prefetch(runtime.device()).complete()).isTrue();
            assertThat(discard(buffer)).isZero();
            scene.checkBytes("kept");
            assertThat(buffer.prefetch(runtime.device()).complete()).isTrue();
            try (HomeRegistration other = buffer.registerHome(CARD)) {
                assertThat(other.isOpen()).isTrue();
            }
            assertThat(buffer.prefetch(runtime.device()).complete()).isTrue();
            assertThat(discard(buffer)).as("one is left").isZero();
            assertThat(committed(buffer)).isEqualTo(4);
        }
        assertThat(discard(buffer)).isEqualTo(4);
        scene.checkBytes("after");
    }

    /** What is only on a device is at home too then: the prefetch back copies nothing. */
    @Test
    void registering_leavesPagesWhereTheyAre() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.PRIVATE)).runtime();
        PageBuffer buffer = Scene.of(runtime, "DDDD").buffer;
        try (HomeRegistration kept = buffer.registerHome(CARD)) {
            assertThat(kept.isOpen()).isTrue();
            assertThat(buffer.residency()).hasToString("DDDD");
            assertThat(runtime.holders()).singleElement().satisfies(HomeRegistrationTest::isTold);
        }
        assertThat(runtime.holders()).isEmpty();
    }

    private static void isTold(HolderInfo home) {
        assertThat(home.kind()).isEqualTo("home");
        assertThat(home.keepers()).containsExactly("card");
        assertThat(home).asString().startsWith("home of bytes 0.." + 4 * PAGE + " of buffer 1 ");
        assertThat(home).asString().contains("(runtime by card), taken by thread ");
    }

    @Test
    void buffer_andRuntime_doNotCloseWhileTheirHomeIsKept() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "HDHD");
        HomeRegistration kept = scene.buffer.registerHome(CARD);
        assertThat(runtime.pins()).hasSize(1);
        assertThatThrownBy(scene.buffer::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot close: 1 open: home of bytes 0..")
                .hasMessageContaining("by card");
        assertThatThrownBy(runtime::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("home of bytes 0..");
        scene.checkBytes("refused");
        kept.close();
        kept.close();
        assertThat(kept.isOpen()).isFalse();
        scene.buffer.close();
        assertThatThrownBy(() -> scene.buffer.registerHome(CARD))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void homeThatABudgetHasNot_isRefusedWhole_andWhatIsKeptIsNamed() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Budget poor = runtime.budget("poor", 1L << 20).hostMemory(3 * PAGE);
        try (PageBuffer large = poor.allocate(4 * PAGE, Allocation.defaults());
                PageBuffer small = poor.allocate(2 * PAGE, Allocation.defaults())) {
            assertThatThrownBy(() -> large.registerHome(CARD))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("poor");
            assertThat(runtime.holders()).isEmpty();
            assertThat(poor.hostUsedBytes()).isZero();
            small.range(0, 2 * PAGE).fill((byte) 5);
            small.prefetch(runtime.device());
            try (HomeRegistration kept = small.registerHome(CARD)) {
                assertThat(kept.isOpen()).isTrue();
                small.prefetch(runtime.device());
                assertThatThrownBy(() -> large.range(0, 2 * PAGE).fill((byte) 6))
                        .isInstanceOf(OutOfPageMemoryException.class)
                        .hasMessageContaining("home of bytes 0.." + 2 * PAGE)
                        .hasMessageContaining("by card");
                assertThat(poor.hostUsedBytes()).isEqualTo(2L * PAGE);
            }
            small.prefetch(runtime.device());
            large.range(0, 2 * PAGE).fill((byte) 6); // from the homes of the other
        }
        poor.close();
    }

    @Test
    void registeringWhileADeviceIsUsed_isRefused_andLeavesNothing() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        PageBuffer buffer = Scene.of(runtime, "HDHD").buffer;
        try (DeviceAccess access =
                buffer.range(PAGE, PAGE).access(runtime.device(), AccessMode.READ_WRITE)) {
            assertThatThrownBy(() -> buffer.registerHome(CARD))
                    .isInstanceOf(PagesBusyException.class)
                    .hasMessageContaining("access of bytes");
            assertThat(access.isOpen()).isTrue();
            assertThat(runtime.pins()).isEmpty();
        }
        assertThatThrownBy(() -> buffer.registerHome(null))
                .isInstanceOf(NullPointerException.class);
        assertThat(runtime.holders()).isEmpty();
    }

    /** A discard that began before is over, or leaves the pages alone. */
    @Test
    void homes_thatOthersGiveUpAllTheTime_areNotOnceTheyAreKept() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        PageBuffer buffer = runtime.allocate(4 * PAGE);
        long end = System.nanoTime() + 700_000_000;
        long[] rounds = {0};
        try (ExecutorService pool =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
            Future<Long> discards = pool.submit(() -> {
                long given = 0;
                while (given == 0 || System.nanoTime() < end) {
                    given += discard(buffer);
                }
                return given;
            });
            while (!discards.isDone() || rounds[0] == 0) {
                try (HomeRegistration kept = buffer.registerHome(CARD)) {
                    assertThat(kept.isOpen()).isTrue();
                    for (int look = 0; look < 50; look++) {
                        buffer.range(0, PAGE).fill((byte) rounds[0]);
                        buffer.prefetch(runtime.device());
                        assertThat(committed(buffer)).as("round %d", rounds[0]).isEqualTo(4);
                    }
                }
                buffer.prefetch(runtime.device());
                rounds[0]++;
            }
            assertThat(discards.get()).isPositive();
        }
    }
}
