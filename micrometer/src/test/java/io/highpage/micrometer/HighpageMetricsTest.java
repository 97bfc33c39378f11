// SPDX-License-Identifier: Apache-2.0
package io.highpage.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PagesBusyException;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.concurrent.TimeUnit;

/** Meters of a runtime on the host device. */
@ExtendWith(HighpageLeakCheck.class)
class HighpageMetricsTest {
    private static final long PAGE = 4096;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Highpage runtime =
            Highpage.builder().device(HostDevice.privateMemory(1 << 20)).open();
    private final String name = runtime.statistics().name();
    private final String device = runtime.device().name();

    @AfterEach
    void close() {
        runtime.close();
        registry.close();
    }

    private double counter(String meter, String... tags) {
        return registry.get(meter).tags(tags).functionCounter().count();
    }

    private double gauge(String meter, String... tags) {
        return registry.get(meter).tags(tags).gauge().value();
    }

    @Test
    void meters_moveWithTheRuntime() {
        HighpageMetrics metrics = HighpageMetrics.of(runtime, Tags.of("service", "search"));
        metrics.bindTo(registry);
        assertThat(registry.getMeters()).allSatisfy(meter -> {
            assertThat(meter.getId().getTag("runtime")).isEqualTo(name);
            assertThat(meter.getId().getTag("service")).isEqualTo("search");
            assertThat(meter.getId().getDescription()).isNotBlank();
        });
        try (PageBuffer buffer = runtime.allocate(4 * PAGE)) {
            buffer.fill((byte) 1);
            buffer.prefetch(runtime.device());
            assertThat(counter("highpage.device.in", "device", device)).isEqualTo(4 * PAGE);
            assertThat(counter("highpage.device.copies.in", "device", device)).isOne();
            assertThat(counter("highpage.moved", "operation", "prefetch")).isEqualTo(4 * PAGE);
            assertThat(gauge("highpage.buffers")).isOne();
            assertThat(gauge("highpage.budget.used", "memory", "home")).isEqualTo(4 * PAGE);
            assertThat(gauge("highpage.budget.limit", "memory", "home")).isInfinite();
            assertThat(gauge("highpage.budget.limit", "memory", device)).isEqualTo(1 << 20);
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(gauge("highpage.holders", "kind", "pin")).isOne();
                assertThatThrownBy(() -> buffer.access(runtime.device(), AccessMode.READ))
                        .isInstanceOf(PagesBusyException.class);
            }
            assertThat(counter("highpage.rejections", "reason", "pinned")).isOne();
            waits(buffer);
        }
        FunctionTimer waits = registry.get("highpage.waits").functionTimer();
        assertThat(waits.count()).isOne();
        assertThat(waits.totalTime(TimeUnit.NANOSECONDS))
                .isEqualTo(runtime.statistics().waitTime().toNanos());
        assertThat(gauge("highpage.buffers")).isZero();
        assertThat(gauge("highpage.holders", "kind", "pin")).isZero();
    }

    /** One operation of another thread waits for the access of this one. */
    private void waits(PageBuffer buffer) {
        try (DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE)) {
            Thread other = Thread.ofPlatform().start(() -> {
                var ignored =
                        buffer.tryPin(Pin.longTerm().deadline(java.time.Duration.ofMillis(1)));
            });
            other.join();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void close_removesTheMetersFromEveryRegistry() {
        SimpleMeterRegistry second = new SimpleMeterRegistry();
        Meter own = registry.counter("program.requests");
        try (HighpageMetrics metrics = HighpageMetrics.of(runtime)) {
            metrics.bindTo(registry);
            metrics.bindTo(second);
            assertThat(second.getMeters()).hasSizeGreaterThan(30);
        }
        assertThat(registry.getMeters()).containsExactly(own);
        assertThat(second.getMeters()).isEmpty();
        second.close();
    }

    @Test
    void runtimesBesideEachOther_haveMetersEach() {
        try (Highpage second =
                        Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
                PageBuffer buffer = second.allocate(PAGE)) {
            HighpageMetrics.of(runtime).bindTo(registry);
            HighpageMetrics.of(second).bindTo(registry);
            assertThat(gauge("highpage.buffers", "runtime", name)).isZero();
            assertThat(gauge("highpage.buffers", "runtime", second.statistics().name()))
                    .isOne();
            String own = second.statistics().name();
            assertThat(gauge("highpage.budget.limit", "runtime", own, "memory", "host"))
                    .as("of the device of that name, which is not home")
                    .isEqualTo(1 << 20);
            assertThat(buffer.isOpen()).isTrue();
        }
    }

    @Test
    void metersOfAClosedRuntime_readItsLastValues() {
        HighpageMetrics.of(runtime).bindTo(registry);
        try (PageBuffer buffer = runtime.allocate(PAGE)) {
            buffer.fill((byte) 1);
            buffer.prefetch(runtime.device());
        }
        runtime.close();
        assertThat(counter("highpage.device.in", "device", device)).isEqualTo(PAGE);
        assertThat(gauge("highpage.budget.used", "memory", "home")).isZero();
    }
}
