// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import static io.highpage.cli.console.Json.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.highpage.cli.console.Printable;
import io.highpage.cli.recording.Recorded.Wait;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the page's program draws, as JSON. */
final class PageData {
    private static final int BUFFERS_MAX = 12;
    private static final int BUDGETS_MAX = 8;
    /** Of all that is drawn of a recording: some hundred kilobytes. */
    private static final int ROWS_MAX = 40_000;

    private static final int[][] ONE = {{0}};
    private static final int[][] TWO = {{0}, {1}};

    private final Timeline of;
    private final int[][] tiers;

    private PageData(Timeline of, List<TierGroup> groups) {
        this.of = of;
        tiers = groups.stream()
                .map(group -> group.tiers().stream().mapToInt(of.places::column).toArray())
                .toArray(int[][]::new);
    }

    /** {@return all of it, as text that nothing in HTML can end} */
    static String json(List<Timeline> all, List<String> names) {
        List<TierGroup> groups =
                TierGroup.of(all.stream().map(each -> each.places).toList());
        List<Object> recordings = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            recordings.add(new PageData(all.get(i), groups).recording(names.get(i)));
        }
        Map<String, Object> page = object("from", all.getFirst().axis.from());
        page.put("tiers", groups.stream().map(TierGroup::name).map(Cell::shown).toList());
        page.put("files", files(all));
        page.put("recordings", recordings);
        try {
            return new ObjectMapper()
                    .writeValueAsString(page)
                    .replace("&", "\\u0026")
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e");
        } catch (JsonProcessingException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@return the recordings as words of a command} */
    private static String files(List<Timeline> all) {
        return all.stream()
                .map(each -> Printable.word(each.recording.path().toString()))
                .collect(Collectors.joining(" "));
    }

    private Map<String, Object> recording(String name) {
        List<Places.Bytes> largest = of.places.largest(BUFFERS_MAX);
        List<Steps> bytes = largest.stream().map(each -> each.steps).collect(Collectors.toList());
        long others = of.places.count() - largest.size();
        if (others > 0) {
            bytes.add(Steps.rest(of.places.total(), bytes));
        }
        List<Map.Entry<Budgets.Of, Budgets.Use>> budgets = of.budgets.fullest(BUDGETS_MAX);
        fit(bytes, budgets);

        Map<String, Object> all = object("name", name, "nanos", of.axis.to());
        all.put("all", series(of.places.total(), tiers));
        all.put("buffers", buffers(largest, bytes, others));
        all.put("copied", series(of.flow.copied, TWO));
        all.put("evicted", series(of.flow.evicted, TWO));
        all.put("waiting", series(of.stalls.waiting, ONE));
        all.put("refused", series(of.stalls.refused, ONE));
        all.put("waits", of.stalls.waits.kept().stream().map(PageData::wait).toList());
        all.put("budgets", budgets.stream().map(PageData::budget).toList());
        all.put("owners", owners(of.holders));
        all.put("holders", of.holders.bars().all());
        return all;
    }

    private void fit(List<Steps> bytes, List<Map.Entry<Budgets.Of, Budgets.Use>> budgets) {
        List<Steps> drawn = new ArrayList<>(bytes);
        budgets.forEach(each -> drawn.addAll(each.getValue().all()));
        drawn.addAll(List.of(
                of.places.total(),
                of.flow.copied,
                of.flow.evicted,
                of.stalls.waiting,
                of.stalls.refused));
        Steps.fit(drawn, ROWS_MAX);
    }

    private List<Object> buffers(List<Places.Bytes> largest, List<Steps> bytes, long others) {
        List<Object> buffers = new ArrayList<>();
        for (int i = 0; i < bytes.size(); i++) {
            String name = i < largest.size()
                    ? largest.get(i).buffer.toString()
                    : others + (others == 1 ? " other buffer" : " other buffers");
            buffers.add(object("name", Cell.shown(name), "tiers", series(bytes.get(i), tiers)));
        }
        return buffers;
    }

    /**
     * {@return numbers of steps: rows of how many steps after the row before one begins, and what
     * each group of columns is together, in units}
     */
    private static Object series(Steps of, int[][] groups) {
        long[][] rows = new long[of.rows()][];
        long unit = 0;
        for (int row = 0; row < rows.length; row++) {
            rows[row] = new long[groups.length];
            for (int group = 0; group < groups.length; group++) {
                for (int column : groups[group]) {
                    rows[row][group] += Math.max(0, of.value(row, column));
                }
                unit = divisor(unit, rows[row][group]);
            }
        }
        unit = Math.max(1, unit);
        List<Long> numbers = new ArrayList<>();
        for (int row = 0; row < rows.length; row++) {
            numbers.add(of.step(row) - (row == 0 ? 0 : of.step(row - 1)));
            for (long value : rows[row]) {
                numbers.add(value / unit);
            }
        }
        Map<String, Object> series = object("step", of.stepNanos(), "unit", unit);
        series.put("layers", groups.length);
        series.put("rows", numbers);
        return series;
    }

    /** {@return the greatest number that divides both} */
    private static long divisor(long a, long b) {
        return b == 0 ? a : divisor(b, a % b);
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
        boolean limited = use.limit.most(0) > 0 && use.limit.most(0) < Long.MAX_VALUE;
        Map<String, Object> told = object(
                "name",
                Cell.shown(each.getKey() + " in " + each.getKey().tier()),
                "used",
                series(use.used, ONE),
                "reached",
                series(use.reachedBy, ONE));
        if (limited) {
            told.put("limit", series(use.limit, ONE));
        }
        return told;
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
}
