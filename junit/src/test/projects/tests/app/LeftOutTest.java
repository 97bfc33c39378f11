// SPDX-License-Identifier: Apache-2.0
package app;

import io.highpage.Highpage;
import io.highpage.host.HostDevice;
import io.highpage.junit.WithoutLeakCheck;

import org.junit.jupiter.api.Test;

@WithoutLeakCheck("the program keeps one runtime for ever")
class LeftOutTest {
    @Test
    void leavesRuntime() {
        Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
    }
}
