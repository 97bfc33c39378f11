// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl;

import io.highpage.junit.HighpageLeakCheck;
import io.highpage.testkit.opencl.OpenClBridgeTest;
import io.highpage.testkit.opencl.OpenClProgram;

import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(HighpageLeakCheck.class)
class LwjglTest extends OpenClBridgeTest {
    @Override
    protected OpenClProgram open() {
        return LwjglProgram.open();
    }
}
