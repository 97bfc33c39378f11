// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded;
import io.highpage.cli.recording.Recording;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What a recording tells, summed up: as long as it likes, this is of bounded size. */
final class Timeline implements Consumer<Recorded> {
    final Recording recording;
    final Axis axis;
    final Places places;
    final Returns returns = new Returns();
    final Holders holders;
    final Flow flow;
    final Stalls stalls;
    final Budgets budgets;
    private final Map<String, Long> events = new TreeMap<>();

    private Timeline(Recording recording) {
        this.recording = recording;
        axis = new Axis(recording.nanos());
        places = new Places(axis);
        holders = new Holders(recording.nanos());
        flow = new Flow(axis);
        stalls = new Stalls(axis);
        budgets = new Budgets(axis);
    }

    /** {@return what a recording tells} */
    static Timeline of(Recording recording) {
        Timeline timeline = new Timeline(recording);
        recording.read(timeline);
        timeline.holders.finish();
        return timeline;
    }

    /** {@return how many events of a kind there were} */
    long count(Class<? extends Recorded> kind) {
        return events.getOrDefault(kind.getSimpleName(), 0L);
    }

    /** {@return how many events there were} */
    long count() {
        return events.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void accept(Recorded event) {
        events.merge(event.getClass().getSimpleName(), 1L, Long::sum);
        switch (event) {
            case Recorded.BufferAllocation allocated -> places.add(allocated);
            case Recorded.BufferClose close -> add(close);
            case Recorded.Migration moved -> add(moved);
            case Recorded.Eviction evicted -> add(evicted);
            case Recorded.BufferResidency found -> places.add(found);
            case Recorded.Wait wait -> stalls.add(wait);
            case Recorded.Rejection refusal -> stalls.add(refusal);
            case Recorded.Pin pin -> holders.add(pin);
            case Recorded.Unpin end -> holders.add(end);
            case Recorded.Access taken -> holders.add(taken);
            case Recorded.AccessEnd end -> holders.add(end);
            case Recorded.OpenHolder seen -> holders.add(seen);
            case Recorded.BudgetReached reached -> budgets.add(reached);
            case Recorded.TierUsage found -> budgets.add(found);
            case Recorded.Move asked -> {} // its migrations tell what became of it
        }
    }

    private void add(Recorded.BufferClose close) {
        places.add(close);
        returns.add(close);
    }

    private void add(Recorded.Migration moved) {
        flow.add(moved);
        if (moved.failure().isEmpty()) {
            places.add(moved);
            returns.add(moved);
        }
    }

    private void add(Recorded.Eviction evicted) {
        flow.add(evicted);
        if (!evicted.tier().equals(Places.HOME)) {
            places.add(evicted, returns.add(evicted));
        }
    }
}
