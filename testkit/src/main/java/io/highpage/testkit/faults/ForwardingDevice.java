// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.faults;

import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;

/** Does what another device does: a start for devices that differ in one thing. */
public class ForwardingDevice implements DeviceMemory {
    private final DeviceMemory inner;

    public ForwardingDevice(DeviceMemory inner) {
        this.inner = inner;
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public String description() {
        return inner.description();
    }

    @Override
    public String route() {
        return inner.route();
    }

    @Override
    public boolean isOpen() {
        return inner.isOpen();
    }

    @Override
    public DeviceKind kind() {
        return inner.kind();
    }

    @Override
    public long capacityBytes() {
        return inner.capacityBytes();
    }

    @Override
    public long maxExtentBytes() {
        return inner.maxExtentBytes();
    }

    @Override
    public boolean windowsShareExtents() {
        return inner.windowsShareExtents();
    }

    @Override
    public Extent allocate(long byteSize) {
        return inner.allocate(byteSize);
    }

    @Override
    public void quiesce() {
        inner.quiesce();
    }

    @Override
    public void close() {
        inner.close();
    }
}
