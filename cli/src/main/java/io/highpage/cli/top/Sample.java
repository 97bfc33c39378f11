// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.top;

import io.highpage.cli.console.Json;
import io.highpage.management.BudgetState;
import io.highpage.management.BufferState;
import io.highpage.management.DeviceState;
import io.highpage.management.HighpageMXBean;
import io.highpage.management.HolderState;

import java.util.List;
import java.util.Map;

/**
 * A runtime of another JVM as it was when it was looked at.
 *
 * @param nanos when that was
 * @param counts numbers by their names, and maps of such
 * @param devices its devices
 * @param budgets what is taken, the runtime's own budget first
 * @param buffers the largest
 * @param holders those that are open for longest
 */
public record Sample(
        long nanos,
        Map<String, Object> counts,
        List<DeviceState> devices,
        List<BudgetState> budgets,
        List<BufferState> buffers,
        List<HolderState> holders) {

    static Sample of(HighpageMXBean bean, int most) {
        return new Sample(
                System.nanoTime(),
                counts(bean),
                bean.getDevices(),
                bean.getBudgets(),
                bean.buffers(most),
                bean.holders(most));
    }

    private static Map<String, Object> counts(HighpageMXBean bean) {
        Map<String, Object> counts =
                Json.object("name", bean.getName(), "version", bean.getVersion());
        counts.put("movedBytes", bean.getMovedBytes());
        counts.put("waits", bean.getWaits());
        counts.put("waitNanos", bean.getWaitNanos());
        counts.put("rejections", bean.getRejections());
        counts.put("budgetRefusals", bean.getBudgetRefusals());
        counts.put("discardedBytes", bean.getDiscardedBytes());
        counts.put("openBuffers", bean.getOpenBuffers());
        counts.put("openHolders", bean.getOpenHolders());
        counts.put("pageLockedBytes", bean.getPageLockedBytes());
        return counts;
    }

    /** {@return the runtime's name} */
    String name() {
        return String.valueOf(counts.get("name"));
    }

    /** {@return whether another one is of the same runtime} */
    public boolean isSameRuntime(Sample other) {
        return name().equals(other.name());
    }

    /** {@return a number} */
    long count(String name) {
        return counts.get(name) instanceof Number number ? number.longValue() : 0;
    }

    /** {@return numbers by their names} */
    Map<?, ?> map(String name) {
        return counts.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    /** {@return all of it, for machines} */
    public Map<String, Object> json() {
        Map<String, Object> json = Json.object();
        json.putAll(counts);
        json.put("devices", devices);
        json.put("budgets", budgets);
        json.put("buffers", buffers);
        json.put("holders", holders);
        return json;
    }
}
