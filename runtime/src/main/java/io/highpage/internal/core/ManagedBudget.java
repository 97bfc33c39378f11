// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.outcome.BudgetShare;
import io.highpage.internal.outcome.BudgetSnapshot;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.BudgetInfo.Share;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A budget of a runtime: the node of the tree, and how to allocate in it. */
public final class ManagedBudget implements Budget {
    private final PageRuntime runtime;
    private final @Nullable ManagedBudget parent; // null of the root
    private final BudgetNode node;

    private ManagedBudget(PageRuntime runtime, @Nullable ManagedBudget parent, BudgetNode node) {
        this.runtime = runtime;
        this.parent = parent;
        this.node = node;
    }

    /** {@return the runtime's own} */
    static ManagedBudget root(PageRuntime runtime, BudgetNode node) {
        return new ManagedBudget(runtime, null, node);
    }

    BudgetNode node() {
        return node;
    }

    @Override
    public String name() {
        return node.name();
    }

    @Override
    public Optional<Budget> parent() {
        return Optional.ofNullable(parent);
    }

    // ---- limits and uses ----

    @Override
    public long hostLimitBytes() {
        return node.limit(PageWord.HOME);
    }

    @Override
    public long hostUsedBytes() {
        return node.used(PageWord.HOME);
    }

    @Override
    public long limitBytes(Device device) {
        return node.limit(runtime.slot(device, this).id());
    }

    @Override
    public long usedBytes(Device device) {
        return node.used(runtime.slot(device, this).id());
    }

    @Override
    public Budget hostMemory(long bytes) {
        return limit(PageWord.HOME, "hostMemory", bytes);
    }

    @Override
    public Budget deviceMemory(Device device, long bytes) {
        DeviceSlot slot = runtime.slot(device, this);
        limit(slot.id(), "deviceMemory", bytes);
        slot.heap().heedLimit();
        return this;
    }

    private Budget limit(int tier, String what, long bytes) {
        checkLimit(what, bytes);
        runtime.checkOpen();
        if (!node.isOpen()) {
            throw new IllegalStateException("budget " + node + " is closed");
        }
        node.limit(tier, bytes);
        return this;
    }

    /** Checks a limit that a program has given. */
    static void checkLimit(String what, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(what + "=" + bytes + " is negative");
        }
    }

    @Override
    public BudgetInfo info() {
        return info(node, runtime.devices());
    }

    /** {@return what there is to know of a budget and those in it} */
    static BudgetInfo info(BudgetNode node, List<Device> devices) {
        List<Share> shares = new ArrayList<>();
        for (Device device : devices) {
            shares.add(share(node, device.name(), ((DeviceSlot) device).id()));
        }
        return new BudgetSnapshot(
                node.name(),
                share(node, "host memory", PageWord.HOME),
                shares,
                node.groups().stream().map(in -> info(in, devices)).toList());
    }

    private static Share share(BudgetNode node, String memory, int tier) {
        return new BudgetShare(memory, node.limit(tier), node.used(tier));
    }

    // ---- what is in it ----

    @Override
    public Budget budget(String name, long bytes) {
        Objects.requireNonNull(name, "name");
        if (name.isBlank()) {
            throw new IllegalArgumentException("a budget needs a name, for messages");
        }
        checkLimit("bytes", bytes);
        StackRoom.check();
        runtime.checkOpen();
        // The handle comes first: an opened budget that nobody has could not be closed.
        ManagedBudget made = new ManagedBudget(runtime, this, node.group(name, bytes));
        made.node.open();
        return made;
    }

    @Override
    public PageBuffer allocate(long byteSize) {
        return allocate(byteSize, Allocation.defaults());
    }

    @Override
    public PageBuffer allocate(long byteSize, Allocation how) {
        return runtime.allocate(node, byteSize, how);
    }

    @Override
    public boolean isOpen() {
        return node.isOpen() && !runtime.isClosed();
    }

    @Override
    public void close() {
        if (parent == null) {
            throw new IllegalStateException(
                    "budget " + node + " ends with its runtime: close that");
        }
        StackRoom.check();
        if (!node.tryClose()) {
            throw new IllegalStateException("budget " + node + " cannot close: "
                    + runtime.inWords(node) + "; close them first");
        }
    }

    @Override
    public String toString() {
        return "budget " + node;
    }
}
