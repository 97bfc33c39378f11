// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** Asynchronous operations on each device that there is. */
@ExtendWith(HighpageLeakCheck.class)
class AsyncOnDevicesTest {
    private static final int BYTES = 40_000;
    private static final Terms PATIENT = Terms.defaults().deadline(Duration.ofMinutes(2));

    @ForEachDevice
    void bytes_comeAndGo(DeviceInfo device) {
        byte[] bytes = new byte[BYTES];
        new Random(7).nextBytes(bytes);
        MemorySegment expected = MemorySegment.ofArray(bytes);
        try (Highpage hp = Highpage.builder().device(device.open()).open();
                PageBuffer buffer = hp.allocate(BYTES)) {
            buffer.write(0, expected);
            assertThat(buffer.prefetchAsync(hp.device()).join().complete()).isTrue();
            try (DeviceAccess access = buffer.accessAsync(PATIENT, hp.device()).join()) {
                TestPages.onDevice(
                        access,
                        kernels -> assertThat(kernels.mismatch(expected)).isEqualTo(-1));
                CompletableFuture<Pin> waits = buffer.pinAsync(PATIENT);
                CompletableFuture<Pin> dropped = buffer.pinAsync(PATIENT);
                assertThat(dropped.cancel(true)).isTrue();
                assertThatThrownBy(dropped::join).isInstanceOf(CancellationException.class);
                assertThat(waits).isNotDone();
                CompletableFuture<byte[]> read = waits.thenApply(pin -> {
                    try (pin) {
                        return pin.segment().toArray(ValueLayout.JAVA_BYTE);
                    }
                });
                access.close();
                assertThat(read.join()).isEqualTo(bytes);
            }
            assertThat(buffer.evictAsync().join().complete()).isTrue();
        }
    }

    @ForEachDevice
    void manyAtOnce_eachHasItsBytes(DeviceInfo device) {
        int many = 64;
        try (Highpage hp = Highpage.builder().device(device.open()).open();
                PageBuffer buffer = hp.allocate(many * 4096L)) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                byte value = (byte) (i + 1);
                buffer.range(i * 4096L, 4096).fill(value);
                var part = buffer.range(i * 4096L, 4096);
                all.add(part.prefetchAsync(hp.device())
                        .thenCompose(report ->
                                part.accessAsync(PATIENT.mode(AccessMode.READ), hp.device()))
                        .thenAccept(DeviceAccess::close)
                        .thenCompose(done -> part.pinAsync(PATIENT))
                        .thenAccept(pin -> {
                            try (pin) {
                                assertThat(pin.segment().toArray(ValueLayout.JAVA_BYTE))
                                        .containsOnly(value);
                            }
                        }));
            }
            all.forEach(CompletableFuture::join);
        }
    }

    @ForEachDevice
    void closed_givesBackWhatNobodyTook(DeviceInfo device) {
        try (Highpage hp = Highpage.builder().device(device.open()).open();
                PageBuffer buffer = hp.allocate(BYTES)) {
            CompletableFuture<DeviceAccess> dropped = buffer.accessAsync(PATIENT, hp.device());
            CompletableFuture.allOf(dropped).join();
            assertThat(hp.holders().getFirst().toString()).contains("nobody has taken");
        }
    }
}
