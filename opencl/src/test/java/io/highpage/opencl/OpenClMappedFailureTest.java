// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.opencl.CopyWays;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same where private memory is mapped and copied by the CPU. */
@Tag("opencl")
class OpenClMappedFailureTest extends OpenClFailureTest {
    @RegisterExtension
    static final CopyWays WAY = new CopyWays(CopyWay.MAPPED);
}
