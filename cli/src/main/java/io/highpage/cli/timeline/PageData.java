// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import static io.highpage.cli.console.Json.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.highpage.cli.recording.Recorded.Wait;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the page's program draws, as JSON: numbers of bins as pairs of a bin and its number. */
final class PageData {
    private static final int BUFFERS_MAX = 12;
    private static final int BUDGETS_MAX = 8;

    private PageData() {}

    /** {@return all of it, as text that nothing in HTML can end} */
    static String json(List<Timeline> all, List<String> names) {
        List<Object> recordings = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            recordings.add(recording(all.get(i), names.get(i)));
        }
        try {
            return new ObjectMapper()
                    .writeValueAsString(object("bins", Axis.BINS, "recordings", recordings))
                    .replace("&", "\\u0026")
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e");
        } catch (JsonProcessingException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Object recording(Timeline of, String name) {
        List<String> tiers = of.places.tiers();
        Map<String, Object> all = object("name", name, "nanos", of.axis.nanos());
        all.put("tiers", tiers.stream().map(Cell::shown).toList());
        all.put(
                "all",
                tiers.stream().map(each -> level(of.places.total(each).dense())).toList());
        all.put("buffers", buffers(of.places, tiers));
        all.put("toDevices", sums(of.flow.toDevices));
        all.put("toHome", sums(of.flow.toHome));
        all.put("evictedClean", sums(of.flow.evictedClean));
        all.put("evictedCopied", sums(of.flow.evictedCopied));
        all.put("waiting", sums(of.stalls.waiting));
        all.put("refused", sums(of.stalls.refused));
        all.put("waits", of.stalls.waits.kept().stream().map(PageData::wait).toList());
        all.put(
                "budgets",
                of.budgets.fullest(BUDGETS_MAX).stream().map(PageData::budget).toList());
        all.put("owners", owners(of.holders));
        all.put("holders", of.holders.bars().all());
        return all;
    }

    private static List<Object> buffers(Places places, List<String> tiers) {
        List<Object> buffers = new ArrayList<>();
        List<long[]> others =
                tiers.stream().map(each -> places.total(each).dense()).toList();
        List<Places.Bytes> largest = places.largest(BUFFERS_MAX);
        for (Places.Bytes each : largest) {
            List<long[]> bytes =
                    tiers.stream().map(tier -> each.tier(tier).dense()).toList();
            for (int tier = 0; tier < bytes.size(); tier++) {
                for (int bin = 0; bin < Axis.BINS; bin++) {
                    others.get(tier)[bin] -= bytes.get(tier)[bin];
                }
            }
            buffers.add(buffer(each.buffer.toString(), bytes));
        }
        if (places.count() > largest.size()) {
            long count = places.count() - largest.size();
            buffers.add(buffer(count + (count == 1 ? " other buffer" : " other buffers"), others));
        }
        return buffers;
    }

    private static Object buffer(String name, List<long[]> bytes) {
        return object(
                "name",
                Cell.shown(name),
                "tiers",
                bytes.stream().map(PageData::level).toList());
    }

    private static Object wait(Wait wait) {
        return object(
                "from",
                wait.when().start(),
                "nanos",
                wait.when().nanos(),
                "what",
                Cell.shown(wait.operation() + " of " + new Buffer(wait.runtime(), wait.buffer())
                        + ", " + wait.reason()));
    }

    private static Object budget(Map.Entry<Budgets.Of, Budgets.Use> each) {
        Budgets.Use use = each.getValue();
        boolean limited = use.limit.most() > 0 && use.limit.most() < Long.MAX_VALUE;
        return object(
                "name",
                Cell.shown(each.getKey() + " in " + each.getKey().tier()),
                "used",
                level(use.used.dense()),
                "limit",
                limited ? level(use.limit.dense()) : List.of(),
                "reached",
                level(use.reachedBy.dense()));
    }

    /** {@return owners with the holders that are drawn, most time first} */
    private static List<Object> owners(Holders holders) {
        Map<String, List<Object>> bars = new HashMap<>();
        holders.bars()
                .kept()
                .forEach(bar -> bars.computeIfAbsent(bar.held().owner(), any -> new ArrayList<>())
                        .add(bar(bar)));
        List<Object> owners = new ArrayList<>();
        holders.owners().largest(Integer.MAX_VALUE, each -> each.nanos).forEach(each -> {
            List<Object> drawn = bars.getOrDefault(each.getKey(), List.of());
            if (!drawn.isEmpty()) {
                Map<String, Object> owner =
                        object("name", Cell.owner(each.getKey()).text(), "bars", drawn);
                owner.put("count", each.getValue().count);
                owner.put("longest", each.getValue().longest);
                owners.add(owner);
            }
        });
        return owners;
    }

    private static Object bar(Holders.Bar bar) {
        Holders.Held held = bar.held();
        Map<String, Object> drawn = object("kind", held.kind(), "open", !bar.ended());
        drawn.put("from", bar.from());
        drawn.put("to", bar.to());
        drawn.put(
                "what",
                Cell.shown(held.kind() + " of " + held.buffer() + ", "
                        + Cell.bytes(held.byteSize()).text() + " from byte " + held.offset() + ", "
                        + bar.mode()));
        return drawn;
    }

    /** {@return bins where a number changes, each with what it is from there on} */
    private static List<Long> level(long[] values) {
        List<Long> pairs = new ArrayList<>();
        long before = 0;
        for (int bin = 0; bin < values.length; bin++) {
            if (values[bin] != before) {
                pairs.add((long) bin);
                pairs.add(Math.max(0, values[bin]));
                before = values[bin];
            }
        }
        return pairs;
    }

    /** {@return bins with something in them, each with how much} */
    private static List<Long> sums(long[] values) {
        List<Long> pairs = new ArrayList<>();
        for (int bin = 0; bin < values.length; bin++) {
            if (values[bin] != 0) {
                pairs.add((long) bin);
                pairs.add(values[bin]);
            }
        }
        return pairs;
    }
}
