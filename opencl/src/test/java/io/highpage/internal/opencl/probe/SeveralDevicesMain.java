// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.bindings.opencl.opencl_h;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Opens devices in a context of theirs, where mapping was found to be right and fastest. */
public final class SeveralDevicesMain {
    private SeveralDevicesMain() {}

    /** {@code COUNT}: how many devices the context has. */
    public static void main(String[] arguments) {
        Cl cl = Cl.open();
        List<MemorySegment> devices = cl.devices(cl.platforms().getFirst());
        ClDeviceFacts facts = ClDeviceFacts.of(cl, devices.getFirst());
        List<WayFinding> found = Arrays.stream(CopyWay.values())
                .map(way -> FindingCacheTest.takes(way, way == CopyWay.MAPPED ? 10 : 100))
                .toList();
        FindingCache.here()
                .write(DeviceKey.of(facts, true).text(), CopyFinding.of(found, 1, false));
        try (Arena arena = Arena.ofConfined()) {
            int count = Integer.parseInt(arguments[0]);
            MemorySegment handles = arena.allocate(ValueLayout.ADDRESS, count);
            for (int i = 0; i < count; i++) {
                handles.setAtIndex(ValueLayout.ADDRESS, i, devices.get(i));
            }
            MemorySegment none = MemorySegment.NULL;
            MemorySegment context =
                    opencl_h.clCreateContext(none, count, handles, none, none, none);
            MemorySegment queue =
                    opencl_h.clCreateCommandQueue(context, devices.getFirst(), 0, none);
            OpenClDevice device = OpenClDevice.of(
                    context, devices.getFirst(), queue, OpenClMemoryMode.COARSE_GRAINED_SVM);
            System.out.println("opened, of " + count + ": " + device.route());
            device.close();
            opencl_h.clReleaseCommandQueue(queue);
            opencl_h.clReleaseContext(context);
        }
    }
}
