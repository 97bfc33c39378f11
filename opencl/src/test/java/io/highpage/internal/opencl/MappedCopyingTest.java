// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.device.Extent;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;

/** What is mapped at a time. */
@Tag("opencl")
class MappedCopyingTest {
    @Test
    void ofAnExtent_onePartIsMappedAtATime() throws Exception {
        AtomicInteger mapped = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ClFaults counts = call -> {
            if (call.equals("clEnqueueMapBuffer")) { // counted before it is, and after it was
                most.accumulateAndGet(mapped.incrementAndGet(), Math::max);
            } else if (call.equals("clEnqueueUnmapMemObject")) {
                mapped.decrementAndGet();
            }
            return CL_SUCCESS();
        };
        ClDeviceFacts facts = FirstDevice.device();
        ClContext context = ClContext.open("opencl:test", Cl.open(counts), facts);
        context.copyBy(CopyPlan.only(CopyWay.MAPPED));
        Extent extent = BufferExtent.allocate(context, PartsAtOnce.BYTES, 4096);
        assertThat(PartsAtOnce.wrongCopies(extent)).isZero();
        extent.free();
        context.close();
        assertThat(mapped.get()).isZero();
        assertThat(most.get()).isEqualTo(1);
    }
}
