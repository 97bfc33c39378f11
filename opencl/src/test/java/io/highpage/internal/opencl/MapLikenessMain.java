// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.Extent;

import java.lang.foreign.MemorySegment;

/** Says what is found out of a driver's maps of shared virtual memory, and copies by them. */
final class MapLikenessMain {
    private MapLikenessMain() {}

    static void main(String[] arguments) throws Exception {
        Cl cl = Cl.open();
        MemorySegment device = cl.devices(cl.platforms().getFirst()).getFirst();
        ClContext context = ClContext.open("opencl:test", cl, ClDeviceFacts.of(cl, device));
        context.copyBy(CopyPlan.only(CopyWay.MAPPED));
        Extent extent = CoarseGrainedExtent.allocate(context, 1 << 20);
        String fault = MapCheck.fault(extent);
        System.out.println("fault: " + fault);
        if (fault == null) {
            System.out.println("wrong copies: " + PartsAtOnce.wrongCopies(extent));
        }
        extent.free();
        context.close();
    }
}
