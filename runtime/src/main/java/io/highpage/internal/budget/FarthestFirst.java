// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import io.highpage.EvictionPolicy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Highpage's own policy: the span that is expected to be used last leaves first. */
public final class FarthestFirst implements EvictionPolicy {
    private static final Comparator<Candidate> ORDER =
            Comparator.comparingLong(Candidate::expectedUse).reversed();

    @Override
    public List<Candidate> victims(Snapshot snapshot) {
        PriorityQueue<Candidate> queue =
                new PriorityQueue<>(Math.max(1, snapshot.candidates().size()), ORDER);
        queue.addAll(snapshot.candidates());
        List<Candidate> victims = new ArrayList<>();
        long bytes = 0;
        while (bytes < 2 * snapshot.neededBytes() && !queue.isEmpty()) {
            Candidate victim = queue.remove();
            victims.add(victim);
            bytes += victim.byteSize();
        }
        return victims;
    }
}
