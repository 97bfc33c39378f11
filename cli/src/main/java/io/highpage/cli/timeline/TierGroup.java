// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tiers that are drawn as one.
 *
 * @param name what they are called
 * @param tiers their names
 */
record TierGroup(String name, List<String> tiers) {
    /** As many as have colours of their own. */
    private static final int GROUPS_MAX = 5;

    /** {@return home, then devices; the smallest of more than there are colours for are one} */
    static List<TierGroup> of(List<Places> all) {
        Map<String, Long> most = new LinkedHashMap<>();
        for (Places each : all) {
            for (String tier : each.tiers()) {
                most.merge(tier, each.total().most(each.column(tier)), Math::max);
            }
        }
        List<String> names = new ArrayList<>(most.keySet());
        if (names.size() <= GROUPS_MAX) {
            return names.stream()
                    .map(name -> new TierGroup(name, List.of(name)))
                    .toList();
        }
        List<String> devices = names.subList(1, names.size());
        devices.sort(Comparator.comparing(most::get, Comparator.reverseOrder()));
        List<TierGroup> groups = new ArrayList<>();
        names.stream()
                .limit(GROUPS_MAX - 1)
                .forEach(name -> groups.add(new TierGroup(name, List.of(name))));
        List<String> others = List.copyOf(names.subList(GROUPS_MAX - 1, names.size()));
        groups.add(new TierGroup(others.size() + " other devices", others));
        return groups;
    }
}
