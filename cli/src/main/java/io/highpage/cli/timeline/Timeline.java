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
    final Returns returns;
    final Holders holders;
    final Flow flow;
    final Stalls stalls;
    final Budgets budgets;
    private final Map<String, Long> events = new TreeMap<>();

    private Timeline(Recording recording, Axis axis) {
        this.recording = recording;
        this.axis = axis;
        places = new Places(axis);
        returns = new Returns(axis);
        holders = new Holders(axis, recording.nanos());
        flow = new Flow(axis);
        stalls = new Stalls(axis);
        budgets = new Budgets(axis);
    }

    /** {@return what a recording tells of a time} */
    static Timeline of(Recording recording, Axis axis) {
        Timeline timeline = new Timeline(recording, axis);
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

    /** What happened before a part of a recording tells what there was when the part began. */
    @Override
    public void accept(Recorded event) {
        if (axis.isOver(event.when())) {
            hold(event); // that began in it may end later
            return;
        }
        if (axis.meets(event.when())) {
            events.merge(event.getClass().getSimpleName(), 1L, Long::sum);
            happened(event);
        }
        hold(event);
        switch (event) {
            case Recorded.BufferAllocation allocated -> places.add(allocated);
            case Recorded.BufferClose close -> add(close);
            case Recorded.Migration moved -> add(moved);
            case Recorded.Eviction evicted -> add(evicted);
            case Recorded.BufferResidency found -> places.add(found);
            case Recorded.BudgetReached reached -> budgets.add(reached);
            case Recorded.TierUsage found -> budgets.add(found);
            default -> {}
        }
    }

    private void happened(Recorded event) {
        switch (event) {
            case Recorded.Migration moved -> flow.add(moved);
            case Recorded.Eviction evicted -> flow.add(evicted);
            case Recorded.Wait wait -> stalls.add(wait);
            case Recorded.Rejection refusal -> stalls.add(refusal);
            default -> {}
        }
    }

    private void hold(Recorded event) {
        switch (event) {
            case Recorded.Pin pin -> holders.add(pin);
            case Recorded.Unpin end -> holders.add(end);
            case Recorded.Access taken -> holders.add(taken);
            case Recorded.AccessEnd end -> holders.add(end);
            case Recorded.OpenHolder seen -> holders.add(seen);
            default -> {}
        }
    }

    private void add(Recorded.BufferClose close) {
        places.add(close);
        returns.add(close);
    }

    private void add(Recorded.Migration moved) {
        if (moved.failure().isEmpty()) {
            places.add(moved);
            returns.add(moved);
        }
    }

    private void add(Recorded.Eviction evicted) {
        if (!evicted.tier().equals(Places.HOME)) {
            places.add(evicted, returns.add(evicted));
        }
    }
}
