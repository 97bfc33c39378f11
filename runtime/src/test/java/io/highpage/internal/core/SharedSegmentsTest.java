// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A shared holder makes its segment for who asks for it, at any time: also at the time of a close
 * by another thread, after which no segment may live.
 */
class SharedSegmentsTest {
    private static final int HOLDERS = 2_000;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private PageRuntime runtime;
    private Scene scene;

    @BeforeEach
    void open() {
        runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        scene = Scene.of(runtime, "HH");
    }

    private enum Kind {
        PIN,
        HOLD,
        ACCESS
    }

    /** A holder, and what gives its segment. */
    private record Taken(AutoCloseable holder, Supplier<MemorySegment> segment) {}

    private Taken take(Kind kind) {
        Terms terms = Terms.defaults().shared();
        return switch (kind) {
            case PIN -> {
                Pin pin = scene.buffer.pin(terms);
                yield new Taken(pin, pin::segment);
            }
            case HOLD -> {
                Hold hold = scene.buffer.hold(terms);
                yield new Taken(hold, hold::segment);
            }
            case ACCESS -> {
                DeviceAccess access = scene.buffer.access(terms, runtime.device());
                yield new Taken(access, access::segment);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void segment_askedForWhileAnotherThreadCloses_endsOrIsRefused(Kind kind) throws Exception {
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            for (int i = 0; i < HOLDERS; i++) {
                Taken taken = take(kind);
                AtomicBoolean asks = new AtomicBoolean();
                Future<MemorySegment> asked = other.submit(() -> {
                    asks.set(true);
                    return segmentOrNull(taken);
                });
                while (!asks.get()) {
                    Thread.onSpinWait();
                }
                taken.holder().close();
                MemorySegment segment = asked.get();
                assertThat(segment == null || !segment.scope().isAlive()).isTrue();
            }
        }
    }

    private static MemorySegment segmentOrNull(Taken taken) {
        try {
            return taken.segment().get();
        } catch (IllegalStateException closed) {
            return null;
        }
    }

    @ParameterizedTest
    @EnumSource
    void close_ofOneThatNobodyAskedForASegment_leavesNone(Kind kind) throws Exception {
        Taken taken = take(kind);
        taken.holder().close();
        taken.holder().close();
        assertThatThrownBy(taken.segment()::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @ParameterizedTest
    @EnumSource
    void segment_askedForTwice_isTheSame(Kind kind) throws Exception {
        Taken taken = take(kind);
        try (AutoCloseable holder = taken.holder()) {
            assertThat(taken.segment().get()).isEqualTo(taken.segment().get());
            assertThat(holder).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void walk_ofAHoldThatHasClosedMeanwhile_isRefused(boolean shared) {
        Terms terms = shared ? Terms.defaults().shared() : Terms.defaults();
        Hold hold = scene.buffer.hold(terms);
        Hold.Pieces fresh = hold.pieces();
        Hold.Pieces begun = hold.pieces();
        assertThat(begun.next()).isTrue();
        hold.close();
        for (Hold.Pieces pieces : List.of(fresh, begun)) {
            assertThatThrownBy(pieces::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("hold of bytes")
                    .hasMessageContaining("is closed");
        }
    }

    @Test
    void address_isThatOfTheSegment() {
        Pin pin = scene.buffer.range(8, 16).pin(Pin.longTerm());
        assertThat(pin.address()).isEqualTo(pin.segment().address());
        pin.close();
        assertThatThrownBy(pin::address).isInstanceOf(IllegalStateException.class);
        DeviceAccess access = scene.buffer.range(8, 16).access(Terms.defaults(), runtime.device());
        assertThat(access.address()).isEqualTo(access.segment().address());
        access.close();
        assertThatThrownBy(access::address).isInstanceOf(IllegalStateException.class);
    }
}
