// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What changes in a {@link ModelRun} whose budgets have little host memory: homes of pages that are
 * on a device, and that nobody keeps, are given up where an operation needs some. Which ones of
 * those in the budget that lacks memory is the product's choice, which the model takes from the
 * words. Nothing is refused for want of host memory if its pages would fit beside all that nobody
 * can give up; that no more is taken than there is, {@link Groups} checks.
 */
final class ScarceHome {
    private final ModelRun run;
    private final List<Model> models;
    private final List<Part> wanted = new ArrayList<>(); // of the step

    // What was so before the step.
    private final Map<Model, char[]> before = new IdentityHashMap<>(); // places
    private final Map<Model, BitSet> homes = new IdentityHashMap<>(); // pages whose home had memory

    /** Pages that an operation may bring home. */
    record Part(Model model, int first, int end) {
        boolean has(Model of, int page) {
            return model == of && first <= page && page < end;
        }
    }

    ScarceHome(ModelRun run, List<Model> models) {
        this.run = run;
        this.models = models;
        limit();
    }

    /** Before a step. */
    void look() {
        wanted.clear();
        for (Model model : models) {
            before.put(model, model.place.clone());
            BitSet with = new BitSet();
            for (int page = 0; page < model.place.length; page++) {
                with.set(page, run.hasHome(model, page));
            }
            homes.put(model, with);
        }
    }

    /** Hears what the step may bring home, before it does. */
    void want(List<Part> parts) {
        wanted.addAll(parts);
    }

    void limit() {
        run.groups.limitAny(null);
    }

    /**
     * An operation was refused, so some budget has no room for its pages; some may have moved all
     * the same, but none that was kept where it was alone.
     */
    void refused(OutOfPageMemoryException refused, List<Part> parts) {
        assertThat(refused.device()).isFalse();
        checkRefused(refused, parts);
        for (Part part : parts) {
            Model model = part.model;
            for (int page = part.first; page < part.end; page++) {
                model.place[page] = before.get(model)[page];
                if (!model.kept(page) || model.isBoth(page)) {
                    model.place[page] = run.placeNow(models.indexOf(model), page);
                }
            }
        }
    }

    /** A page was refused: the same of the pages of its operation. */
    void checkRefused(@Nullable OutOfPageMemoryException refused, List<Part> parts) {
        for (Part part : parts) {
            if (!run.groups.all(part.model, budget -> fits(budget, parts))) {
                return;
            }
        }
        throw new AssertionError("refused, but would fit", refused);
    }

    private boolean fits(int budget, List<Part> parts) {
        int pages = run.groups.sum(budget, model -> stays(model, parts));
        return pages <= run.groups.limit(budget, 0);
    }

    /** {@return the pages of a model that have homes which nobody can give up, or may get some} */
    private int stays(Model model, List<Part> parts) {
        int pages = 0;
        for (int each = 0; each < model.place.length; each++) {
            int page = each;
            boolean wanted = parts.stream().anyMatch(part -> part.has(model, page));
            boolean mayGo = model.isAway(page) && !model.kept(page);
            pages += wanted || run.hasHome(model, page) && !mayGo ? 1 : 0;
        }
        return pages;
    }

    /** {@return whether a budget had too little left for all that the step may bring home} */
    private boolean lacked(int budget) {
        int pages = run.groups.sum(budget, model -> {
            BitSet all = (BitSet) homes.get(model).clone();
            wanted.stream()
                    .filter(part -> part.model == model)
                    .forEach(part -> all.set(part.first, part.end));
            return all.cardinality();
        });
        return pages > run.groups.limit(budget, 0);
    }

    /** Homes were given up only where a budget above the step's pages lacked them. */
    private void checkGivenUp(Model model, int page) {
        boolean helps = wanted.stream()
                .anyMatch(part -> !run.groups.all(
                        part.model, budget -> !run.groups.isIn(model, budget) || !lacked(budget)));
        assertThat(helps)
                .as("home of page %d of %s: %s", page, model.picture(), run.log)
                .isTrue();
    }

    /** What was in both places is on the device alone if its home was given up. */
    void adopt() {
        for (int i = 0; i < models.size(); i++) {
            Model model = models.get(i);
            for (int page = 0; page < model.place.length; page++) {
                if (homes.get(model).get(page) && !run.hasHome(model, page)) {
                    checkGivenUp(model, page);
                }
                char alone = Character.toUpperCase(model.place[page]);
                boolean keptAtHome =
                        model.pins[page] > 0 || model.holds[page] > 0 && model.place[page] == 'p';
                if (model.isBoth(page) && !keptAtHome && run.placeNow(i, page) == alone) {
                    model.place[page] = alone;
                }
            }
        }
    }
}
