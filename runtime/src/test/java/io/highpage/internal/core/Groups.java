// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.page.PageWord;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;

/**
 * The budgets of a {@link ModelRun}: the runtime's own and up to two groups, in it or one in the
 * other. Each buffer is in one of them. After every operation each has in use what its buffers
 * have, to the byte, and no more than its limit, or than it had before.
 */
final class Groups {
    /** Pages: no limit. */
    static final int NO_LIMIT = Integer.MAX_VALUE;

    private static final int PAGE = Scene.PAGE;

    private final ModelRun run;
    private final List<Device> devices; // of the runtime
    private final List<Budget> budgets = new ArrayList<>();
    private final List<Integer> parents = new ArrayList<>(); // of each budget
    private final Map<Model, Integer> in = new IdentityHashMap<>();
    private final int[][] limits; // pages, of each budget at each tier
    private final long[][] used; // bytes, after the last operation

    Groups(ModelRun run) {
        this.run = run;
        this.devices = run.runtime.devices();
        budgets.add(run.runtime.budget());
        parents.add(-1);
        for (int more = run.choices.below(3); more > 0; more--) {
            int parent = run.choices.below(budgets.size());
            parents.add(parent);
            budgets.add(budgets.get(parent).budget("group" + budgets.size(), Long.MAX_VALUE));
        }
        limits = new int[budgets.size()][devices.size() + 1];
        used = new long[budgets.size()][devices.size() + 1];
        for (int[] each : limits) {
            Arrays.fill(each, NO_LIMIT);
        }
    }

    /** Allocates a buffer in any of them, which a model is of. */
    PageBuffer allocate(Model model, PageSizes sizes) {
        int budget = run.choices.below(budgets.size());
        in.put(model, budget);
        run.log.add("in " + budgets.get(budget));
        BudgetNode node = ((ManagedBudget) budgets.get(budget)).node();
        return run.runtime.allocate(node, model.bytes.length, sizes);
    }

    // ---- limits ----

    /** Sets another limit of a device, or of host memory; nothing leaves for that alone. */
    void limitAny(@Nullable Device device) {
        limit(run.choices.below(2) == 0 ? 0 : run.choices.below(budgets.size()), device);
    }

    /** The same, of one budget. */
    void limit(int budget, @Nullable Device device) {
        int all = in.keySet().stream().mapToInt(model -> model.place.length).sum();
        int pages = run.choices.below(8) == 0 ? 0 : 1 + run.choices.below(all);
        limit(budget, device, pages);
        run.log.add("limit of " + budgets.get(budget) + " on " + device + ": " + pages + " pages");
    }

    private void limit(int budget, @Nullable Device device, int pages) {
        limits[budget][tier(device)] = pages;
        long bytes = pages == NO_LIMIT ? Long.MAX_VALUE : (long) pages * PAGE;
        if (device == null) {
            budgets.get(budget).hostMemory(bytes);
        } else {
            budgets.get(budget).deviceMemory(device, bytes);
        }
    }

    static int tier(@Nullable Device device) {
        return device == null ? PageWord.HOME : ((DeviceSlot) device).id();
    }

    /** {@return the limit of a budget, in pages} */
    int limit(int budget, int tier) {
        return limits[budget][tier];
    }

    /** Sees to it that everything can come home. */
    void freeHome() {
        for (int budget = 0; budget < budgets.size(); budget++) {
            limit(budget, null, NO_LIMIT);
        }
    }

    /** Closes the groups, whose buffers are closed. */
    void close() {
        for (Budget group : budgets.subList(1, budgets.size()).reversed()) {
            group.close();
        }
    }

    // ---- who is in which ----

    /** {@return any of them} */
    Budget any() {
        return budgets.get(run.choices.below(budgets.size()));
    }

    /** {@return whether all budgets that a model's buffer is in are so} */
    boolean all(Model model, IntPredicate so) {
        for (int budget = in.get(model); budget >= 0; budget = parents.get(budget)) {
            if (!so.test(budget)) {
                return false;
            }
        }
        return true;
    }

    /** {@return the most that a budget says of all that a model's buffer is in} */
    int most(Model model, IntUnaryOperator of) {
        int most = Integer.MIN_VALUE;
        for (int budget = in.get(model); budget >= 0; budget = parents.get(budget)) {
            most = Math.max(most, of.applyAsInt(budget));
        }
        return most;
    }

    boolean isIn(Model model, int budget) {
        return !all(model, each -> each != budget);
    }

    /** {@return the sum over the models whose buffers are in a budget} */
    int sum(int budget, ToIntFunction<Model> of) {
        return in.keySet().stream()
                .filter(model -> isIn(model, budget))
                .mapToInt(of)
                .sum();
    }

    /** {@return the budgets, each after the one that it is in, as they were opened} */
    List<Integer> inOrder() {
        List<Integer> order = new ArrayList<>();
        addInOrder(0, order);
        return order;
    }

    private void addInOrder(int budget, List<Integer> order) {
        order.add(budget);
        for (int each = 1; each < parents.size(); each++) {
            if (parents.get(each) == budget) {
                addInOrder(each, order);
            }
        }
    }

    // ---- what they have in use ----

    /** Compares all of them with the models, and with words where those do not tell. */
    void check() {
        for (int budget = 0; budget < budgets.size(); budget++) {
            Budget each = budgets.get(budget);
            check(budget, 0, each.hostUsedBytes(), sum(budget, this::homes));
            for (Device device : devices) {
                char letter = ModelRun.letter(device);
                int pages = sum(budget, model -> model.memory(letter, false));
                check(budget, tier(device), each.usedBytes(device), pages);
            }
        }
    }

    private void check(int budget, int tier, long bytes, int pages) {
        long limit = limits[budget][tier] == NO_LIMIT
                ? Long.MAX_VALUE
                : (long) limits[budget][tier] * PAGE;
        if (bytes != (long) pages * PAGE || bytes > Math.max(limit, used[budget][tier])) {
            throw new AssertionError(budgets.get(budget) + " has " + bytes + " bytes of tier "
                    + tier
                    + " in use, but its buffers have " + pages + " pages, its limit is " + limit
                    + ", and before it had " + used[budget][tier]);
        }
        used[budget][tier] = bytes;
    }

    /** {@return the pages of a model whose homes have memory} */
    private int homes(Model model) {
        int homes = 0;
        for (int page = 0; page < model.place.length; page++) {
            homes += run.hasHome(model, page) ? 1 : 0;
        }
        return homes;
    }
}
