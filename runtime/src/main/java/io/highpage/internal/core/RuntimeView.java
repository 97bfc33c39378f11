// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.internal.jvm.Versions;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.Counters;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.TierBytes;
import io.highpage.internal.outcome.StatisticsSnapshot;
import io.highpage.management.BudgetState;
import io.highpage.management.BufferState;
import io.highpage.management.DeviceState;
import io.highpage.management.HighpageMXBean;
import io.highpage.management.HolderState;
import io.highpage.management.TierState;
import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.BudgetInfo.Share;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.RuntimeStatistics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a runtime tells of itself, as values. Thread-safe. */
final class RuntimeView implements HighpageMXBean {
    private static final List<String> KINDS =
            List.of(LongTermPin.KIND, ShortHold.KIND, OpenAccess.KIND, HomeKeeping.KIND);

    private final String name;
    private final PageRuntime runtime;
    private final Counters counters;
    private final Collection<ManagedBuffer> buffers;
    private final List<DeviceSlot> slots;

    RuntimeView(
            String name,
            PageRuntime runtime,
            List<DeviceSlot> slots,
            Counters counters,
            Collection<ManagedBuffer> buffers) {
        this.name = name;
        this.runtime = runtime;
        this.slots = slots;
        this.counters = counters;
        this.buffers = buffers;
    }

    RuntimeStatistics statistics() {
        return new StatisticsSnapshot(
                name,
                traffic(),
                runtime.budget().info(),
                new StatisticsSnapshot.Happened(
                        counters.movedBytes(),
                        counters.waits(),
                        Duration.ofNanos(counters.waitNanos()),
                        counters.rejections(),
                        getBudgetRefusals(),
                        counters.discardedBytes()),
                new StatisticsSnapshot.Open(
                        getOpenBuffers(), getOpenHolders(), runtime.pageLockedBytes()));
    }

    private Map<String, DeviceTraffic> traffic() {
        Map<String, DeviceTraffic> traffic = new LinkedHashMap<>();
        runtime.devices().forEach(device -> traffic.put(device.name(), device.traffic()));
        return traffic;
    }

    private Stream<ManagedBuffer> open() {
        return buffers.stream().filter(ManagedBuffer::isOpen);
    }

    @Override
    public String getVersion() {
        return Versions.version();
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public List<DeviceState> getDevices() {
        return runtime.devices().stream().map(RuntimeView::state).toList();
    }

    private static DeviceState state(Device device) {
        DeviceTraffic traffic = device.traffic();
        return new DeviceState(
                device.name(),
                device.isLost(),
                traffic.bytesIn(),
                traffic.bytesOut(),
                traffic.copiesIn(),
                traffic.copiesOut(),
                traffic.spansEvicted(),
                traffic.spansEvictedFree(),
                traffic.bytesEvicted(),
                traffic.bytesEvictedFree());
    }

    @Override
    public List<BudgetState> getBudgets() {
        List<BudgetState> all = new ArrayList<>();
        add(all, "", runtime.budget().info());
        return all;
    }

    private static void add(List<BudgetState> all, String above, BudgetInfo budget) {
        String path = above + budget.name();
        Stream.concat(Stream.of(budget.host()), budget.devices().stream())
                .forEach(share -> all.add(state(path, share)));
        budget.budgets().forEach(in -> add(all, path + "/", in));
    }

    private static BudgetState state(String path, Share share) {
        return new BudgetState(path, share.memory(), share.usedBytes(), share.limitBytes());
    }

    @Override
    public Map<String, Long> getMovedBytes() {
        return counters.movedBytes();
    }

    @Override
    public long getWaits() {
        return counters.waits();
    }

    @Override
    public long getWaitNanos() {
        return counters.waitNanos();
    }

    @Override
    public Map<String, Long> getRejections() {
        Map<String, Long> all = new LinkedHashMap<>();
        for (Map.Entry<PageOutcome, Long> reason : counters.rejections().entrySet()) {
            all.put(reason.getKey().name(), reason.getValue());
        }
        return all;
    }

    @Override
    public long getBudgetRefusals() {
        return runtime.budgetRefusals();
    }

    @Override
    public long getDiscardedBytes() {
        return counters.discardedBytes();
    }

    @Override
    public int getOpenBuffers() {
        return (int) open().count();
    }

    @Override
    public Map<String, Integer> getOpenHolders() {
        Map<String, Integer> all = new LinkedHashMap<>();
        KINDS.forEach(kind -> all.put(kind, 0));
        runtime.holders().forEach(holder -> all.merge(holder.kind(), 1, Integer::sum));
        return all;
    }

    @Override
    public long getPageLockedBytes() {
        return runtime.pageLockedBytes();
    }

    @Override
    public List<BufferState> buffers(int most) {
        List<ManagedBuffer> largest = open().sorted(
                        Comparator.comparingLong(ManagedBuffer::byteSize)
                                .reversed()
                                .thenComparing(ManagedBuffer::id))
                .limit(checked(most))
                .toList();
        Map<Pages, List<TierBytes>> has = TierBytes.of(
                largest.stream().map(ManagedBuffer::pages).toList(), slots, Long.MAX_VALUE);
        return largest.stream()
                .map(buffer -> state(buffer, has.getOrDefault(buffer.pages(), List.of())))
                .toList();
    }

    private static BufferState state(ManagedBuffer buffer, List<TierBytes> has) {
        return new BufferState(
                buffer.id(),
                buffer.byteSize(),
                buffer.pageBytes(),
                buffer.account().budget().toString(),
                has.stream()
                        .map(tier -> new TierState(tier.tier(), tier.bytes(), tier.cleanBytes()))
                        .toList());
    }

    @Override
    public List<HolderState> holders(int most) {
        return runtime.holders().stream()
                .map(RuntimeView::state)
                .sorted(Comparator.comparingLong(HolderState::ageNanos).reversed())
                .limit(checked(most))
                .toList();
    }

    private static HolderState state(HolderInfo holder) {
        return new HolderState(
                holder.kind(),
                holder.mode().name(),
                holder.owner(),
                holder.thread(),
                holder.buffer(),
                holder.offset(),
                holder.byteSize(),
                holder.strength().name(),
                holder.keepers(),
                holder.age().map(Duration::toNanos).orElse(-1L));
    }

    private static int checked(int most) {
        if (most < 0) {
            throw new IllegalArgumentException("most=" + most + " is negative");
        }
        return most;
    }
}
