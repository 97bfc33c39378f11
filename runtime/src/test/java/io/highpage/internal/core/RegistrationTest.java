// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Pins that something outside the runtime keeps. */
@Timeout(300)
class RegistrationTest {
    private static final int PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private PageRuntime runtime;
    private Scene scene;

    @BeforeEach
    void open() {
        runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        scene = Scene.of(runtime, "HDHD");
    }

    /** A keeper that answers what it is told to. */
    private record Ring(String name, Verdict verdict) implements Keeper {
        Ring(String name) {
            this(name, Verdict.CONFIRMED);
        }

        @Override
        public Verification verify(MemorySegment range) {
            return Verification.of(verdict, name + " keeps " + range.byteSize() + " bytes");
        }
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    private static void onAnotherThread(Action action) throws Exception {
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            threads.submit(() -> {
                        action.run();
                        return null;
                    })
                    .get();
        }
    }

    @Test
    void pin_whileRegistered_isKernelHeldAndStaysWhole() {
        for (Terms terms : new Terms[] {
            Pin.longTerm(), Pin.longTerm().shared(), Pin.longTerm().bare()
        }) {
            try (Pin pin = scene.buffer.range(5, PAGE).pin(terms.owner("rx"))) {
                assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
                Registration first = pin.register(new Ring("ring 'a'"));
                Registration second = pin.register(new Ring("ring 'b'"));
                assertThat(first.pin()).isSameAs(pin);
                assertThat(first.keeper().name()).isEqualTo("ring 'a'");
                assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);

                assertThatThrownBy(pin::close)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith(
                                "cannot close pin 'rx' of bytes 5..4101 of buffer 1")
                        .hasMessageContaining(
                                "of buffer 1 (kernel-held by ring 'a', ring 'b'), taken by thread ")
                        .hasMessageContaining("unregister it there first");
                first.close();
                assertThatThrownBy(pin::close)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("(kernel-held by ring 'b')");
                assertThat(pin.isOpen()).isTrue();
                assertThat(pin.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
                        .isEqualTo(scene.bytes[5]);
                assertThat(pin.verify()).matches(Verification::isConfirmed);
                second.close();
                assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
            }
        }
        scene.checkBytes("after");
    }

    @Test
    void pin_isAsStrongAsTheStrongestOfItsKeepers() {
        try (Pin pin = scene.buffer.pin(Pin.longTerm())) {
            try (Registration weak = pin.register(Keeper.named("library"))) {
                assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
                assertThat(pin.verify()).matches(Verification::isConfirmed);
                assertThat(pin.verify().evidence())
                        .contains("library keeps the pin open")
                        .doesNotContain("frame numbers"); // which may change
                assertThatThrownBy(pin::close).hasMessageContaining("runtime by library");
                try (Registration strong = pin.register(new Ring("ring"))) {
                    assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);
                }
                assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
            }
        }
    }

    @Test
    void registration_closedTwiceAndByAnotherThread_endsOnce() throws Exception {
        Pin pin = scene.buffer.pin(Pin.longTerm());
        Ring ring = new Ring("ring");
        Registration first = pin.register(ring);
        Registration second = pin.register(ring);
        onAnotherThread(first::close);
        assertThat(first.isOpen()).isFalse();
        first.close();
        assertThat(second.isOpen())
                .as("another registration with the same keeper")
                .isTrue();
        assertThatThrownBy(pin::close).isInstanceOf(IllegalStateException.class);
        second.close();
        pin.close();
        second.close();
        assertThat(second)
                .hasToString("registration of pin of bytes 0..16384 of buffer 1 with ring");
    }

    @Test
    void register_misused_isRefused() throws Exception {
        Pin pin = scene.buffer.pin(Pin.longTerm());
        assertThatThrownBy(() -> pin.register(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("keeper");
        assertThatThrownBy(() -> pin.register(new Ring(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the keeper's name");
        onAnotherThread(() -> assertThatThrownBy(() -> pin.register(new Ring("ring")))
                .isInstanceOf(WrongThreadException.class)
                .hasMessageContaining("register it there, or take it with Terms.shared()"));
        pin.close();
        assertThatThrownBy(() -> pin.register(new Ring("ring")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pin of bytes 0..16384 of buffer 1 is closed");
        assertThatThrownBy(pin::verify).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void pinOfADeadThread_whileRegistered_staysOpenToo() throws Exception {
        Pin[] pin = new Pin[1];
        Registration[] registration = new Registration[1];
        Thread owner = new Thread(() -> {
            pin[0] = scene.buffer.pin(Pin.longTerm());
            registration[0] = pin[0].register(new Ring("ring"));
        });
        owner.start();
        owner.join();
        assertThatThrownBy(() -> pin[0].register(new Ring("other")))
                .isInstanceOf(WrongThreadException.class);
        assertThatThrownBy(pin[0]::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ring");
        registration[0].close();
        pin[0].close();
        assertThat(pin[0].isOpen()).isFalse();
    }

    @Test
    void buffer_withARegisteredPin_cannotClose() {
        Pin pin = scene.buffer.pin(Pin.longTerm());
        Registration registration = pin.register(new Ring("ring"));
        assertThatThrownBy(scene.buffer::close).isInstanceOf(IllegalStateException.class);
        registration.close();
        pin.close();
    }

    /**
     * A bridge that answers only while it is new cannot break the reports of the runtime, nor the
     * end of its pin.
     */
    @Test
    void keeper_isAskedOnceWhoItIs() {
        AtomicBoolean gone = new AtomicBoolean();
        Keeper fickle = new Keeper() {
            @Override
            public String name() {
                return gone.get() ? null : "fickle";
            }

            @Override
            public Strength strength() {
                return gone.get() ? null : Strength.KERNEL_HELD;
            }

            @Override
            public Verification verify(MemorySegment range) {
                throw new UnsupportedOperationException();
            }
        };
        try (Pin pin = scene.buffer.pin(Pin.longTerm());
                Registration registration = pin.register(fickle)) {
            gone.set(true);
            assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);
            assertThat(runtime.pins())
                    .singleElement()
                    .satisfies(info -> assertThat(info.keepers()).containsExactly("fickle"));
            assertThatThrownBy(pin::close).hasMessageContaining("fickle");
            assertThat(registration).hasToString("registration of " + pin + " with fickle");
            assertThatThrownBy(() -> pin.register(fickle)).hasMessage("the keeper's name");
        }
    }

    @Test
    void verify_asksEveryKeeper_andTakesTheWorstAnswer() {
        try (Pin pin = scene.buffer.range(0, 2 * PAGE).pin(Pin.longTerm())) {
            assertThat(pin.verify())
                    .isEqualTo(Verification.of(
                            Verdict.CONFIRMED,
                            "page table: 2 pages from page 0 are home and pinned"));
            try (Registration sure = pin.register(new Ring("sure"))) {
                assertThat(pin.verify().verdict()).isEqualTo(Verdict.CONFIRMED);
                try (Registration unsure = pin.register(new Ring("unsure", Verdict.UNVERIFIABLE))) {
                    assertThat(pin.verify().verdict()).isEqualTo(Verdict.UNVERIFIABLE);
                    try (Registration lost = pin.register(new Ring("lost", Verdict.REFUTED))) {
                        assertThat(pin.verify().verdict()).isEqualTo(Verdict.REFUTED);
                        assertThat(pin.verify().evidence())
                                .contains("page table: 2 pages")
                                .contains("; sure keeps 8192 bytes; page frame numbers: ")
                                .endsWith("; unsure keeps 8192 bytes; lost keeps 8192 bytes");
                    }
                }
                assertThat(pin.verify().verdict()).isEqualTo(Verdict.CONFIRMED);
            }
        }
    }

    /** Either the pin is closed and was never registered, or it is registered and stays open. */
    @Test
    void closeAndRegister_atTheSameTime_oneWins() throws Exception {
        int registered = 0;
        int closed = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            CyclicBarrier start = new CyclicBarrier(2);
            for (int round = 0; round < 2_000; round++) {
                Pin pin = scene.buffer.range(0, PAGE).pin(Pin.longTerm().shared());
                Future<Registration> register = threads.submit(() -> {
                    start.await();
                    return orNull(() -> pin.register(new Ring("ring")));
                });
                Future<Boolean> close = threads.submit(() -> {
                    start.await();
                    return orNull(() -> {
                                pin.close();
                                return true;
                            })
                            != null;
                });
                Registration registration = register.get();
                assertThat(close.get()).as("round %d", round).isEqualTo(registration == null);
                assertThat(pin.isOpen()).isEqualTo(registration != null);
                if (registration != null) {
                    assertThat(pin.segment().scope().isAlive()).isTrue();
                    assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);
                    registration.close();
                    pin.close();
                    registered++;
                } else {
                    closed++;
                }
            }
        }
        assertThat(registered).as("rounds that register won").isPositive();
        assertThat(closed).as("rounds that close won").isPositive();
    }

    private static <T> T orNull(java.util.function.Supplier<T> action) {
        try {
            return action.get();
        } catch (IllegalStateException lost) {
            return null;
        }
    }
}
