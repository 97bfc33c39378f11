// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.highpage.Highpage;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Verification;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/** Runs leaking tests and looks at how they fail. */
class LeakCheckTest {
    /** What the samples leave open, newest last. */
    private static final Deque<AutoCloseable> LEFT = new ArrayDeque<>();

    @AfterEach
    void closeWhatSamplesLeft() throws Exception {
        while (!LEFT.isEmpty()) {
            LEFT.removeLast().close();
        }
    }

    /** Stays open, since nobody can close its pin. */
    private static Highpage lostFrom;

    private static <T extends AutoCloseable> T leave(T open) {
        LEFT.add(open);
        return open;
    }

    private static Highpage runtime() {
        return Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
    }

    private record Ring() implements Keeper {
        @Override
        public String name() {
            return "ring 'rx'";
        }

        @Override
        public Verification verify(MemorySegment range) {
            return Verification.of(Verification.Verdict.UNVERIFIABLE, "there is no ring");
        }
    }

    @ExtendWith(HighpageLeakCheck.class)
    @Tag("sample")
    static class Samples {
        @Test
        void clean() {
            try (Highpage hp = runtime();
                    PageBuffer buffer = hp.allocate(4096);
                    Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(pin.isOpen()).isTrue();
            }
        }

        @Test
        void leavesRuntime() {
            leave(runtime());
        }

        @Test
        void leavesBuffer() {
            leave(leave(runtime()).allocate(4096));
        }

        @Test
        void leavesPin() {
            leave(leave(leave(runtime()).allocate(4096)).pin(Pin.longTerm().owner("ring")));
        }

        @Test
        void leavesBarePin() {
            leave(leave(leave(runtime()).allocate(4096))
                    .range(5, 6)
                    .pin(Pin.longTerm().bare()));
        }

        @Test
        void leavesRegistration() {
            leave(leave(leave(leave(runtime()).allocate(4096)).pin(Pin.longTerm()))
                    .register(new Ring()));
        }

        @Test
        void leavesHold() {
            leave(leave(leave(runtime()).allocate(4096)).hold());
        }

        @Test
        void leavesAccess() {
            Highpage hp = leave(runtime());
            leave(leave(hp.allocate(4096)).access(hp.device(), AccessMode.READ));
        }

        /** Of a runtime that the program keeps. */
        @Test
        void losesPin() {
            lostFrom = runtime();
            Pin pin = lostFrom.allocate(4096).pin(Pin.longTerm().owner("rx"));
            assertThat(pin.isOpen()).isTrue();
        }

        @Test
        void failsAndLeavesHold() {
            leave(leave(leave(runtime()).allocate(4096)).hold());
            throw new IllegalStateException("its own failure");
        }
    }

    @ExtendWith(HighpageLeakCheck.class)
    @Tag("sample")
    static class SharedRuntime {
        private static Highpage hp;

        @BeforeAll
        static void open() {
            hp = leave(runtime());
        }

        @AfterAll
        static void close() {
            hp.buffers().forEach(PageBuffer::close);
        }

        @Test
        void usesIt() {
            hp.allocate(4096).close();
        }
    }

    private static Events run(Class<?> type, String method) {
        EngineTestKit.Builder kit = EngineTestKit.engine("junit-jupiter");
        return (method == null
                        ? kit.selectors(selectClass(type))
                        : kit.selectors(selectMethod(type, method)))
                .execute()
                .allEvents();
    }

    private static Throwable failure(Events events) {
        return events.failed()
                .list()
                .getFirst()
                .getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }

    @Test
    void test_thatClosesEverything_passes() {
        run(Samples.class, "clean").assertStatistics(stats -> stats.failed(0).succeeded(3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "leavesRuntime: runtime on [host]",
                "leavesBuffer: buffer 1 of 4096 bytes",
                "leavesPin: pin 'ring' of bytes 0..4096 of buffer 1",
                "leavesBarePin: pin of bytes 5..11 of buffer 1",
                "leavesRegistration: registration of pin of bytes 0..4096 of buffer 1 with ring"
                        + " 'rx'",
                "leavesHold: hold of bytes 0..4096 of buffer 1",
                "leavesAccess: access of bytes 0..4096 of buffer 1"
            })
    void test_thatLeavesSomethingOpen_failsAndNamesItAndWhere(String sample) {
        String method = sample.substring(0, sample.indexOf(':'));
        Events events = run(Samples.class, method);
        events.assertStatistics(stats -> stats.failed(1));
        assertThat(failure(events))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(method + "() left open:")
                .hasMessageContaining(sample.substring(sample.indexOf(':') + 2))
                .hasMessageContaining(", opened at io.highpage.junit.LeakCheckTest")
                .hasMessageContaining("runtime on [host], opened at ");
        assertThat(failure(events).getSuppressed())
                .hasSameSizeAs(LEFT)
                .allSatisfy(opened -> assertThat(opened.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals(method)));
    }

    @Test
    void test_thatLosesSomething_isToldThatNobodyCanCloseIt() {
        assertThat(failure(run(Samples.class, "losesPin")))
                .message()
                .containsPattern("\n  pin 'rx' of bytes 0..4096 of buffer 1, opened at .*losesPin"
                        + ".*, and became unreachable: nobody can close it any more\n")
                .containsPattern("\n  buffer 1 .*, opened at .*losesPin[^,]*\n")
                .containsPattern("\n  runtime on \\[host\\], opened at [^,]*$");
    }

    @Test
    void test_thatFailsAndLeaks_keepsItsOwnFailure() {
        Throwable failure = failure(run(Samples.class, "failsAndLeavesHold"));
        assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessage("its own failure");
        assertThat(failure.getSuppressed())
                .singleElement()
                .satisfies(leak -> assertThat(leak).hasMessageContaining("left open"));
    }

    @Test
    void runtime_ofTheWholeClass_isCheckedAfterTheLastTest() {
        Events events = run(SharedRuntime.class, null);
        events.assertStatistics(stats -> stats.failed(1));
        assertThat(failure(events))
                .hasMessageContaining("SharedRuntime left open:")
                .hasMessageContaining("runtime on [host]");
    }

    @Test
    void test_afterOneThatLeaked_isNotBlamedForIt() {
        run(Samples.class, "leavesHold").assertStatistics(stats -> stats.failed(1));
        run(Samples.class, "clean").assertStatistics(stats -> stats.failed(0));
    }
}
