// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;
import io.highpage.internal.watch.Leaks;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Verification;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What became unreachable while it was open is told of. What the tests lose stays open until the
 * process ends, as that of a program does.
 */
@Timeout(300)
class LeaksTest {
    private static final int PAGE = 4096;
    private static final long MOST_NANOS = 30_000_000_000L;

    /** Of runtimes that a test keeps, and cannot close: others would be told of them. */
    private static final Queue<Object> KEPT = new ConcurrentLinkedQueue<>();

    private final Told told = new Told();

    private static final class Told extends Handler {
        private static final Logger LOGGER = Logger.getLogger(Leaks.class.getName());

        private final Queue<String> messages = new ConcurrentLinkedQueue<>();

        @Override
        public void publish(LogRecord told) {
            messages.add(told.getMessage());
            if (told.getMessage().startsWith("no log")) {
                throw new IllegalStateException("as the test wants");
            }
        }

        void begin() {
            LOGGER.addHandler(this);
            LOGGER.setUseParentHandlers(false);
        }

        void end() {
            LOGGER.setUseParentHandlers(true);
            LOGGER.removeHandler(this);
        }

        List<String> of(String start) {
            return messages.stream()
                    .filter(message -> message.startsWith(start))
                    .toList();
        }

        /** {@return what is told of first} */
        String await(String start) throws InterruptedException {
            awaitCollected(() -> !of(start).isEmpty());
            assertThat(messages).anyMatch(message -> message.startsWith(start));
            return of(start).getFirst();
        }

        @Override
        public void flush() {
            // nothing is kept
        }

        @Override
        public void close() {
            // nothing is kept
        }
    }

    private static void awaitCollected(BooleanSupplier until) throws InterruptedException {
        long start = System.nanoTime();
        while (!until.getAsBoolean() && System.nanoTime() - start < MOST_NANOS) {
            System.gc();
            Thread.sleep(10);
        }
    }

    @BeforeAll
    static void watch() {
        Watch.turnOn();
    }

    @BeforeEach
    void listen() {
        told.begin();
    }

    @AfterEach
    void listenNoMore() {
        told.end();
    }

    private record Ring(String name) implements Keeper {
        @Override
        public Verification verify(MemorySegment range) {
            throw new UnsupportedOperationException();
        }
    }

    // ---- runtimes ----

    /** Has threads of each kind, which must not keep it. */
    private static void loseRuntime(DeviceMemory device) {
        Highpage hp = Highpage.builder().device(device).writeBackAhead(0.1, 0.2).open();
        PageBuffer first = hp.allocate(4 * PAGE);
        PageBuffer second = hp.allocate(PAGE);
        first.fill((byte) 1);
        first.prefer(hp.device());
        Pin pin = first.range(0, 2 * PAGE).pinAsync(Pin.longTerm().owner("rx")).join();
        DeviceAccess access = first.range(2 * PAGE, 1).access(hp.device(), AccessMode.READ);
        Hold hold = second.hold();
        assertThat(List.of(pin.isOpen(), access.isOpen(), hold.isOpen())).containsOnly(true);
    }

    @Test
    void runtime_thatNobodyHasAnyMore_isToldOnceWithWhatItHas() throws InterruptedException {
        DeviceMemory device = HostDevice.coherent(1 << 20);
        loseRuntime(device);
        assertThat(told.await("runtime highpage-"))
                .contains(" on [host] became unreachable while open")
                .contains(" bytes at home, ")
                .contains(" on host of 2 buffers; 2 pages pinned, 1 held, 1 accessed; opened by")
                .contains(" at io.highpage.junit.LeaksTest.loseRuntime(LeaksTest.java:");
        assertThat(told.await("pin 'rx' of bytes 0..8192 of buffer 1 "))
                .contains("became unreachable while open: nobody can close it")
                .contains("; asked for by thread ")
                .contains(" at io.highpage.junit.LeaksTest.loseRuntime(LeaksTest.java:");
        assertThat(told.await("hold of bytes 0..4096 of buffer 2 ")).contains("loseRuntime(");
        assertThat(told.await("access of bytes 8192..8193 of buffer 1 ")).contains("loseRuntime(");
        assertThat(told.await("buffer 1 of 16384 bytes")).contains("loseRuntime(");
        assertThat(told.of("runtime "))
                .filteredOn(of -> of.contains("loseRuntime("))
                .hasSize(1);
        String gone = "which nobody has any more and was never closed";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Highpage.builder().device(device).open())
                .withMessageContaining(gone);
        assertThatIllegalStateException().isThrownBy(device::close).withMessageContaining(gone);
    }

    /** Prints what a program is told of that asked for nothing. */
    static final class Child {
        private Child() {}

        public static void main(String[] none) throws InterruptedException {
            Told told = new Told();
            told.begin();
            try (Highpage closed = Highpage.builder()
                            .device(HostDevice.coherent(1 << 20))
                            .open();
                    PageBuffer buffer = closed.allocate(PAGE);
                    Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(pin.isOpen()).isTrue();
            }
            Highpage kept =
                    Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
            kept.allocate(PAGE).pin(Pin.longTerm());
            loseRuntime(HostDevice.coherent(1 << 20));
            told.await("runtime ");
            told.messages.forEach(System.out::println);
            assertThatIllegalStateException()
                    .isThrownBy(kept::close)
                    .satisfies(refused -> System.out.println("refused: " + refused.getMessage()));
        }
    }

    @Test
    void runtime_isToldOfToo_whereNobodyTraces() throws Exception {
        List<String> lines = JavaProcess.run(
                        JavaProcess.of(List.of("--enable-native-access=ALL-UNNAMED"), Child.class))
                .lines()
                .toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst())
                .startsWith("runtime highpage-3 on [host] became unreachable while open: ")
                .contains("of 2 buffers; 2 pages pinned, 1 held, 1 accessed; "
                        + "-Dhighpage.trace.holders=true tells where it was opened");
        assertThat(lines.getLast())
                .startsWith("refused: the runtime cannot close: ")
                .contains("1 open: pin of bytes 0..4096 of buffer 1")
                .contains("-Dhighpage.trace.holders=true tells where each was taken");
    }

    // ---- what holds pages ----

    /** Each is opened, and lost at once. */
    private enum Lost {
        PIN("pin of bytes 0..4096 of buffer 1 ") {
            @Override
            Object open(Highpage hp, PageBuffer buffer) {
                return buffer.pin(Pin.longTerm());
            }
        },
        NAMED_PIN("pin 'rx' of bytes 1..2 of buffer 1 ") {
            @Override
            Object open(Highpage hp, PageBuffer buffer) {
                return buffer.range(1, 1).pin(Pin.longTerm().owner("rx").shared());
            }
        },
        BARE_PIN("pin of bytes 2..3 of buffer 1 ") {
            @Override
            Object open(Highpage hp, PageBuffer buffer) {
                return buffer.range(2, 1).pin(Pin.longTerm().bare());
            }
        },
        HOLD("hold of bytes 0..4096 of buffer 1 ") {
            @Override
            Object open(Highpage hp, PageBuffer buffer) {
                return buffer.hold();
            }
        },
        ACCESS("access of bytes 0..4096 of buffer 1 ") {
            @Override
            Object open(Highpage hp, PageBuffer buffer) {
                return buffer.access(hp.device(), AccessMode.READ_WRITE);
            }
        },
        REGISTRATION("registration of pin of bytes 3..4 of buffer 1 ") {
            @Override
            Object open(Highpage hp, PageBuffer buffer) {
                Pin pin = buffer.range(3, 1).pin(Pin.longTerm());
                KEPT.add(pin);
                return pin.register(new Ring("ring"));
            }
        },
        HOME("registration of the home of buffer 1 with ring") {
            @Override
            Object open(Highpage hp, PageBuffer buffer) {
                return buffer.registerHome(new Ring("ring"));
            }
        };

        final String words;

        Lost(String words) {
            this.words = words;
        }

        abstract Object open(Highpage hp, PageBuffer buffer);

        boolean isListed() {
            return this != BARE_PIN;
        }
    }

    @ParameterizedTest
    @EnumSource(Lost.class)
    void whatNobodyHasAnyMore_isToldOf_andStaysListed(Lost lost) throws InterruptedException {
        Highpage hp = Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
        PageBuffer buffer = hp.allocate(PAGE);
        KEPT.add(hp);
        Predicate<HolderInfo> isLost =
                info -> info.toString().endsWith("and nobody has it any more: it cannot be closed");
        assertThat(lost.open(hp, buffer)).isNotNull();
        assertThat(told.await(lost.words.strip()))
                .contains(" became unreachable while open: nobody can close it")
                .contains("; opened by thread " + Thread.currentThread().getName() + " #"
                        + Thread.currentThread().threadId() + " at ")
                .contains("LeaksTest$Lost$");
        assertThat(told.of("runtime ")).isEmpty();
        assertThat(told.of("buffer ")).isEmpty();
        if (lost == Lost.REGISTRATION) {
            assertThat(hp.pins()).singleElement().matches(isLost.negate());
        } else if (lost.isListed()) {
            assertThat(hp.holders())
                    .singleElement()
                    .matches(isLost)
                    .satisfies(info -> assertThat(info.place())
                            .anyMatch(frame -> frame.getClassName().contains("LeaksTest$Lost")));
            assertThatIllegalStateException()
                    .isThrownBy(buffer::close)
                    .withMessageContaining("and nobody has it any more: it cannot be closed");
        }
    }

    private static void losePins(PageBuffer buffer, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(buffer.range(i, 1).pin(Pin.longTerm()).isOpen()).isTrue();
        }
    }

    @Test
    void manyOfOnePlace_areToldOfTheFirstAndThenLessAndLess() throws InterruptedException {
        Highpage hp = Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
        KEPT.add(hp);
        losePins(hp.allocate(PAGE), 9);
        awaitCollected(() -> told.of("pin ").size() == 4);
        assertThat(told.of("pin "))
                .extracting(message -> message.replaceAll(".*\\)", ""))
                .containsExactly(
                        "",
                        "; with it 2 of this place are lost",
                        "; with it 4 of this place are lost",
                        "; with it 8 of this place are lost");
    }

    // ---- what is not told of ----

    @Test
    void whatWasClosed_isNotToldOf_andLeavesNothing() throws InterruptedException {
        int before = Watch.open().size();
        try (Highpage hp =
                        Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
                PageBuffer buffer = hp.allocate(PAGE)) {
            int open = Watch.open().size();
            for (int i = 0; i < 100_000; i++) {
                buffer.range(i % PAGE, 1).pin(Pin.longTerm()).close();
            }
            try (Pin pin = buffer.pin(Pin.longTerm());
                    Registration registration = pin.register(new Ring("ring"))) {
                assertThat(registration.isOpen()).isTrue();
            }
            buffer.hold().close();
            buffer.access(hp.device(), AccessMode.READ).close();
            assertThat(Watch.open()).hasSize(open);
        }
        assertThat(Watch.open()).hasSize(before);
        lose("the end");
        told.await("the end"); // and so of whatever was collected before it
        assertThat(told.messages).noneMatch(message -> message.contains("whatWasClosed_"));
    }

    private static void lose(String words) {
        Leaks.of(() -> words).watch(new Object());
    }

    private static void loseOneThatCannotBeTold() {
        Leaks.of(() -> {
                    throw new StackOverflowError("as the test wants");
                })
                .watch(new Object());
    }

    @Test
    void reportThatFails_doesNoHarm() throws InterruptedException {
        loseOneThatCannotBeTold();
        lose("no log takes it");
        told.await("no log takes it");
        loseOneThatCannotBeTold();
        lose("the next one");
        told.await("the next one");
    }
}
