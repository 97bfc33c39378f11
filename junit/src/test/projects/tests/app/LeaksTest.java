// SPDX-License-Identifier: Apache-2.0
package app;

import io.highpage.Highpage;
import io.highpage.host.HostDevice;

import org.junit.jupiter.api.Test;

class LeaksTest {
    @Test
    void leavesBuffer() {
        App.filled(Highpage.builder().device(HostDevice.coherent(1 << 20)).open());
    }

    @Test
    void closes() {
        try (Highpage hp = Highpage.builder().device(HostDevice.coherent(1 << 20)).open()) {
            App.filled(hp);
        }
    }
}
