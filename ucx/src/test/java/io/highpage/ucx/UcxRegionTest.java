// SPDX-License-Identifier: Apache-2.0
package io.highpage.ucx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Strength;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openucx.jucx.ucp.UcpContext;
import org.openucx.jucx.ucp.UcpParams;

import java.io.BufferedReader;
import java.util.List;

@ExtendWith(HighpageLeakCheck.class)
@Timeout(300)
class UcxRegionTest {
    private static final int BYTES = 1 << 16;
    private static final List<String> OPTIONS = List.of("--enable-native-access=ALL-UNNAMED");

    @BeforeEach
    void requireUcx() {
        RequireUcx.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp,self", "shm,self"})
    void aPinIsSentToAnotherProcess(String transports) throws Exception {
        String bytes = Integer.toString(8 << 20);
        String rounds = Integer.getInteger("highpage.ucx.rounds", 4).toString();
        Process receiver = peer(transports, bytes, rounds).start();
        try (BufferedReader received = receiver.inputReader()) {
            String sent = JavaProcess.run(peer(transports, bytes, rounds, received.readLine()));
            String crc = received.readLine();
            assertThat(receiver.waitFor()).as(crc).isZero();
            assertThat(crc).startsWith("crc ");
            assertThat(sent).contains(crc);
            System.out.println(transports + ": " + sent.lines().findFirst().orElseThrow());
        } finally {
            receiver.destroyForcibly();
        }
    }

    private static ProcessBuilder peer(String transports, String... arguments) {
        ProcessBuilder peer = JavaProcess.of(OPTIONS, UcxPeer.class, (Object[]) arguments);
        peer.environment().put("UCX_TLS", transports);
        peer.environment().put("UCX_ERROR_SIGNALS", "");
        return peer;
    }

    @Test
    void aPinThatOnlyReadsIsRefused() {
        try (UcpContext context = context();
                Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(BYTES);
                Pin pin = buffer.pin(Pin.longTerm().mode(AccessMode.READ))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> UcxRegion.register(context, pin, "tx"))
                    .withMessageContaining("of buffer 1 was taken to read only");
        }
    }

    @Test
    void aPinStaysOpenWhileItsMemoryIsRegistered() {
        try (UcpContext context = context();
                Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(BYTES);
                Pin pin = buffer.range(4096, 8192).pin(Pin.longTerm())) {
            UcxRegion region = UcxRegion.register(context, pin, "tx");
            assertThat(region.memory().getAddress()).isEqualTo(pin.segment().address());
            assertThat(region.memory().getLength()).isEqualTo(8192);
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
            assertThat(pin.verify().evidence())
                    .contains("UCX context 'tx' keeps the pin open, and nothing more");
            assertThatIllegalStateException()
                    .isThrownBy(pin::close)
                    .withMessageContaining("its memory is registered")
                    .withMessageContaining("UCX context 'tx'");
            region.close();
            region.close();
            assertThatIllegalStateException()
                    .isThrownBy(region::memory)
                    .withMessageContaining("UCX context 'tx' is closed");
        }
    }

    @Test
    void aRegionThatTheProgramHasDeregisteredItselfLetsThePinGo() {
        try (UcpContext context = context();
                Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(BYTES);
                Pin pin = buffer.pin(Pin.longTerm());
                UcxRegion region = UcxRegion.register(context, pin, "tx")) {
            region.memory().deregister();
        }
    }

    @Test
    void aRefusedRegistrationLeavesThePinFree() {
        UcpContext closed = context();
        closed.close();
        try (Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(BYTES)) {
            Pin pin = buffer.pin(Pin.longTerm());
            assertThatIllegalStateException()
                    .isThrownBy(() -> UcxRegion.register(closed, pin, "tx"))
                    .withMessage("the UCX context 'tx' is closed");
            pin.close();
            try (UcpContext context = context()) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> UcxRegion.register(context, pin, "tx"));
            }
        }
    }

    private static UcpContext context() {
        return new UcpContext(new UcpParams().requestTagFeature());
    }

    private static Highpage runtime() {
        return Highpage.builder().device(HostDevice.coherent(BYTES)).open();
    }
}
