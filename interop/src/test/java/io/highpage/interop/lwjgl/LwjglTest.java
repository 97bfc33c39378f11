// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.lwjgl;

import io.highpage.interop.opencl.OpenClBridgeTest;
import io.highpage.interop.opencl.OpenClProgram;

class LwjglTest extends OpenClBridgeTest {
    @Override
    protected OpenClProgram open() {
        return LwjglProgram.open();
    }
}
