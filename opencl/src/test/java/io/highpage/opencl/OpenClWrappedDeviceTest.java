// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.opencl.CopyWays;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same where private memory is copied by way of memory that the driver was given. */
@Tag("opencl")
class OpenClWrappedDeviceTest extends OpenClDeviceTest {
    @RegisterExtension
    static final CopyWays WAY = new CopyWays(CopyWay.WRAPPED);
}
