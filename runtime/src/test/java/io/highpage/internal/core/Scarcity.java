// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Device;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.GoingBack;
import io.highpage.internal.work.Background;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What changes in a {@link ModelRun} on devices that have room for a part of the pages only: spans
 * that nobody keeps leave where an operation needs room, whole, no more of them than it needs, and
 * an access is refused exactly if those that are kept and its own do not fit. Which spans leave is
 * the product's choice, which the model takes from the words.
 */
final class Scarcity {
    /** The most that a device ever has: so little that nothing is got from the driver ahead. */
    static final int MOST_PAGES = 12;

    private static final int PAGE = Scene.PAGE;

    private final ModelRun run;
    private final List<Model> models;
    private final boolean alike; // all spans, so that room is never in pieces
    private final List<Device> devices;

    // What was so before an operation.
    private final Map<Integer, Integer> used = new HashMap<>(); // of each budget, pages there
    private final Map<Integer, Integer> kept =
            new HashMap<>(); // of spans that somebody keeps there
    private int need; // pages of the span that is to be accessed, if it has nothing there

    Scarcity(ModelRun run, List<Model> models, List<Device> devices, boolean alike) {
        this.run = run;
        this.models = models;
        this.alike = alike;
        this.devices = devices;
        for (Device device : devices) {
            run.runtime.budget().deviceMemory(device, 0); // gives back what others left
            run.groups.limit(0, device);
            run.groups.limitAny(device);
        }
    }

    private int limit(int budget) {
        return run.groups.limit(budget, Groups.tier(run.device));
    }

    private char letter() {
        return ModelRun.letter(run.device);
    }

    private int memory(int budget, boolean keptOnly) {
        return run.groups.sum(budget, model -> model.memory(letter(), keptOnly));
    }

    /** {@return whether every budget has room for so many pages more} */
    private boolean fits(Model model, int pages) {
        return run.groups.all(
                model, budget -> (long) memory(budget, false) + pages <= limit(budget));
    }

    /** {@return whether the span of a page at home has room on the device, which is not made} */
    boolean fits(int page) {
        Model model = run.model;
        int pages = model.spanEnd(page) - model.spanFirst(page);
        boolean inPieces = !alike && run.placeNow(models.indexOf(model), page) == 'H'; // perhaps
        return !inPieces && (model.hasMemory(letter(), page) || fits(model, pages));
    }

    /** {@return how many pages a budget is short of for so many more; not positive if it is not} */
    private int missing(int budget, int asked) {
        return used.get(budget) + asked - limit(budget);
    }

    private boolean lacks(int budget, int asked) {
        return missing(budget, asked) > 0;
    }

    private void lookAtBudgets() {
        for (int budget : run.groups.inOrder()) {
            used.put(budget, memory(budget, false));
            kept.put(budget, memory(budget, true));
        }
    }

    /** Looks at all pages before an operation in the model and on the product. */
    void look() {
        lookAtBudgets();
        Model model = run.model;
        int page = run.first();
        need = model.hasMemory(letter(), page) ? 0 : model.spanEnd(page) - model.spanFirst(page);
    }

    // ---- accesses ----

    /**
     * Takes an access after {@link #look}. Its first page, if it is not busy, asks for the room of
     * the span. {@return whether it succeeded}
     *
     * @param busy the page that the model says is in the way, or -1
     */
    boolean access(int busy, Runnable take) {
        int asked = busy == run.first() ? 0 : need;
        boolean fits = asked == 0
                || run.groups.all(
                        run.model, budget -> (long) kept.get(budget) + asked <= limit(budget));
        boolean done;
        try {
            done = run.attempt(fits ? busy : -1, take);
            assertThat(fits).as("no room for it: %s", run.log).isTrue();
        } catch (OutOfPageMemoryException refused) {
            boolean inPieces = !alike && refused.getMessage().contains("pieces of device memory");
            assertThat(refused.device()).isTrue();
            if (fits && !inPieces) {
                throw new AssertionError(
                        "refused, but " + kept + " pages are kept by budget, and " + asked
                                + " more are needed",
                        refused);
            }
            done = false;
        }
        checkLeft(asked);
        return done;
    }

    /** Of an access: what has left was free to, went whole, and was needed. */
    private void checkLeft(int asked) {
        int left = 0;
        int largest = 0;
        for (int i = 0; i < models.size(); i++) {
            Model model = models.get(i);
            for (int page = 0; page < model.place.length; page = model.spanEnd(page)) {
                boolean own = model == run.model && page == model.spanFirst(run.first());
                if (!own && model.hasMemory(letter(), page) && hasLeft(i, page)) {
                    int pages = model.spanEnd(page) - page;
                    left += pages;
                    largest = Math.max(largest, pages);
                    leave(i, page, asked);
                }
            }
        }
        if (alike) { // else one piece may be emptied after the other
            int most = run.groups.most(run.model, budget -> missing(budget, asked));
            assertThat(left - largest)
                    .as("pages that left but for the last span: %s", run.log)
                    .isLessThanOrEqualTo(Math.max(0, most - 1));
        }
    }

    private boolean hasLeft(int buffer, int page) {
        return now(buffer, page, models.get(buffer).spanEnd(page))
                        .chars()
                        .filter(each -> Character.toUpperCase(each) == letter())
                        .count()
                == 0;
    }

    private String now(int buffer, int from, int to) {
        StringBuilder places = new StringBuilder();
        for (int page = from; page < to; page++) {
            places.append(run.placeNow(buffer, page));
        }
        return places.toString();
    }

    /** The span of a page has left for so many pages of the step, in the model too. */
    private void leave(int buffer, int page, int asked) {
        Model model = models.get(buffer);
        boolean helps = !run.groups.all(
                run.model, budget -> !lacks(budget, asked) || !run.groups.isIn(model, budget));
        assertThat(asked > 0 && (helps || !alike))
                .as("page %d of %s left where no room was made: %s", page, model.picture(), run.log)
                .isTrue();
        assertThat(model.keptOn(letter(), page))
                .as("span at page %d of %s left, but is kept: %s", page, model.picture(), run.log)
                .isFalse();
        for (int each = model.spanFirst(page); each < model.spanEnd(page); each++) {
            if (model.isOn(letter(), each)) {
                model.place[each] = 'H';
            }
        }
    }

    // ---- what else is done in the background, by hand ----

    /**
     * Brings the pages of the step's range that are at home back to its device, as after a pin
     * there: those that nobody keeps, span by span, as long as there is room, which is not made.
     */
    void goBack() {
        DeviceSlot slot = (DeviceSlot) run.device;
        GoingBack job = new GoingBack(((ManagedBuffer) run.buffer).pages(), slot.id());
        job.note(run.first(), run.end());
        job.look(() -> true);
        job.look(() -> true); // they have been quiet since
        BitSet pages = new BitSet();
        pages.set(run.first(), run.end());
        boolean ignored = run.goBack(pages);
    }

    /**
     * Has dirty spans written back from all devices, one after the other and whole, where a budget
     * has less than half free or clean on until all of it is.
     */
    void writeBack() {
        Background.Job job = run.runtime.writeBack(0.5, 1);
        job.look(() -> true); // what was copied before is nothing that is under way
        job.look(() -> true);
        for (Device each : devices) {
            run.device = each;
            int all = limit(0);
            for (int budget : run.groups.inOrder()) {
                long limit = Math.min(all, limit(budget));
                long ready = limit
                        - memory(budget, false)
                        + run.groups.sum(budget, model -> model.clean(letter()));
                if (2 * ready < limit) {
                    models.stream()
                            .filter(model -> run.groups.isIn(model, budget))
                            .forEach(model -> model.writeBack(letter()));
                }
            }
        }
    }

    // ---- prefetches ----

    /** {@return whether a prefetch of a range may find too little room} */
    boolean isTightFor(int first, int end) {
        int wanted = wanted(first, end);
        return wanted > 0 && (!alike || !fits(run.model, wanted));
    }

    /** {@return the pages of the spans of a range that have nothing on the device} */
    private int wanted(int first, int end) {
        int wanted = 0;
        for (int page = first; page < end; page = run.model.spanEnd(page)) {
            boolean has = run.model.hasMemory(letter(), page);
            wanted += has ? 0 : run.model.spanEnd(page) - run.model.spanFirst(page);
        }
        return wanted;
    }

    /**
     * Prefetches the range of the step where room is tight. It takes from spans that are used less,
     * which the model does not know; those may be of the range itself, come to before they leave,
     * or after. Where it ends for want of room, there is none.
     */
    void prefetch() {
        Model model = run.model;
        char device = letter();
        lookAtBudgets();
        // A span of the range that leaves for another one may want to come back.
        int asked = model.place.length;
        MoveReport report = run.buffer.range(run.offset, run.byteSize).prefetch(run.device);
        int own = models.indexOf(model);
        int refused = -1;
        for (int i = 0; i < models.size(); i++) {
            Model each = models.get(i);
            for (int page = 0; page < each.place.length; page = each.spanEnd(page)) {
                if (each.hasMemory(device, page) && hasLeftMeanwhile(i, page, report)) {
                    leave(i, page, asked);
                }
            }
        }
        for (int page = run.first(); page < run.end(); page++) {
            PageOutcome told = report.outcomes().of(page);
            boolean there = Character.toUpperCase(run.placeNow(own, page)) == device;
            if (told == PageOutcome.NO_DEVICE_MEMORY || told == PageOutcome.NOT_TRIED) {
                refused = refused < 0 ? page : refused;
                assertThat(report.failure()).as("%s", run.log).isPresent();
                goHomeFirst(own, page);
            } else if (told == PageOutcome.IN_PLACE && !there) {
                assertThat(model.place[page]).as("left after: %s", run.log).isEqualTo('H');
            } else {
                run.checkTold(page, told, model.prefetch(device, page));
            }
        }
        assertThat(report.failure().isPresent()).as("%s", run.log).isEqualTo(refused >= 0);
        if (refused >= 0 && alike) {
            int pages = model.spanEnd(refused) - model.spanFirst(refused);
            assertThat(fits(model, pages)).as("there is room: %s", run.log).isFalse();
        }
    }

    /** A page that another device has too goes home before it finds that there is no room. */
    private void goHomeFirst(int buffer, int page) {
        Model model = models.get(buffer);
        boolean may = model.isBoth(page) && !model.isOn(letter(), page) && !model.kept(page);
        if (may && run.placeNow(buffer, page) == 'H') {
            model.place[page] = 'H';
        }
    }

    /**
     * {@return whether the span of a page left, and perhaps came back page by page: those that the
     * report says were moved, but had been there}
     */
    private boolean hasLeftMeanwhile(int buffer, int first, MoveReport report) {
        Model model = models.get(buffer);
        for (int page = first; page < model.spanEnd(first); page++) {
            if (model.isOn(letter(), page)) {
                boolean back = model == run.model
                        && page >= run.first()
                        && page < run.end()
                        && report.outcomes().of(page) == PageOutcome.MOVED;
                return back || Character.toUpperCase(run.placeNow(buffer, page)) != letter();
            }
        }
        return false;
    }
}
