// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.jocl;

import io.highpage.interop.opencl.OpenClBridgeTest;
import io.highpage.interop.opencl.OpenClProgram;

class JoclTest extends OpenClBridgeTest {
    @Override
    protected OpenClProgram open() {
        return JoclProgram.open();
    }
}
