// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.console.Units;
import io.highpage.cli.recording.Recorded.Access;
import io.highpage.cli.recording.Recorded.BudgetReached;
import io.highpage.cli.recording.Recorded.Pin;
import io.highpage.cli.recording.Recorded.Wait;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a recording tells, in tables: all that is drawn can be read here too. */
final class Tables {
    private static final int ROWS_MAX = 50;
    private static final int NAMES_MAX = 3;

    private final String prefix;
    private final Timeline timeline;

    /**
     * Makes the tables of a recording.
     *
     * @param prefix what their names begin with
     * @param timeline what it tells
     */
    Tables(String prefix, Timeline timeline) {
        this.prefix = prefix;
        this.timeline = timeline;
    }

    /** {@return all tables, in the page} */
    String html() {
        return List.of(
                        waits(),
                        returns(),
                        holders(),
                        owners(),
                        reasons(),
                        refusals(),
                        buffers(),
                        budgets())
                .stream()
                .map(Table::html)
                .collect(Collectors.joining());
    }

    /** A sum that every recording has. */
    private record Total(String name, Cell value) {}

    private static List<Total> totals(Timeline of) {
        Flow flow = of.flow;
        return List.of(
                new Total("Length", Cell.time(of.axis.nanos())),
                new Total("Events", Cell.count(of.count())),
                new Total("Buffers", Cell.count(of.places.count())),
                new Total("Batches of pages moved", Cell.count(flow.all.batches)),
                new Total("Batches that failed to move", Cell.count(flow.failed)),
                new Total("Bytes copied to devices", Cell.bytes(flow.allToDevices)),
                new Total("Bytes copied home", Cell.bytes(flow.allToHome)),
                new Total("Bytes copied to a device again", Cell.bytes(of.returns.again())),
                new Total("Bytes zeroed instead", Cell.bytes(flow.all.zeroed)),
                new Total("Time of moves waiting", Cell.time(flow.all.waitTime)),
                new Total("Time of moves copying", Cell.time(flow.all.copyTime)),
                new Total("Evictions", Cell.count(flow.evictions)),
                new Total("Evictions without a copy", Cell.count(flow.cleanEvictions)),
                new Total("Bytes of room made", Cell.bytes(flow.evictedBytes)),
                new Total("Bytes copied for that", Cell.bytes(flow.evictionsCopied)),
                new Total("Waits", Cell.count(of.stalls.waits.all())),
                new Total("Time waited", Cell.time(of.stalls.waitTime)),
                new Total("Refusals", Cell.count(of.stalls.allRefused)),
                new Total("Pins taken", Cell.count(of.count(Pin.class))),
                new Total("Accesses taken", Cell.count(of.count(Access.class))),
                new Total("Budgets reached", Cell.count(of.count(BudgetReached.class))));
    }

    /**
     * {@return the sums of all recordings side by side, and what of the first became in the last}
     */
    static String totals(List<Timeline> all, List<String> names) {
        List<String> columns = new ArrayList<>(List.of("What"));
        columns.addAll(names);
        List<List<Total>> sums = all.stream().map(Tables::totals).toList();
        if (sums.size() > 1) {
            columns.add("Change");
        }
        Table table = new Table("totals", "Totals", "", columns.toArray(new String[0]));
        for (int i = 0; i < sums.getFirst().size(); i++) {
            List<Cell> row = new ArrayList<>();
            row.add(Cell.text(sums.getFirst().get(i).name()));
            for (List<Total> each : sums) {
                row.add(each.get(i).value());
            }
            if (sums.size() > 1) {
                row.add(change(row.get(1).value(), row.get(2).value()));
            }
            table.row(row.toArray(new Cell[0]));
        }
        return table.html();
    }

    private static Cell change(long before, long after) {
        String text = before == after
                ? "same"
                : before == 0 ? "new" : Units.format("%+.0f %%", 100.0 * after / before - 100);
        return new Cell(text, "number", -1);
    }

    private Table table(String name, String title, String note, String... columns) {
        return new Table(prefix + name, title, note, columns);
    }

    private static String ofAll(String what, long shown, long all) {
        return all > shown ? "The " + shown + " " + what + " of " + Units.count(all) + "." : "";
    }

    private Table waits() {
        List<Wait> waits = timeline.stalls.waits.kept();
        Table table = table(
                "waits",
                "Longest waits",
                ofAll("longest", waits.size(), timeline.stalls.waits.all())
                        + " In the way: who held the page meanwhile.",
                "From",
                "Waited",
                "Operation",
                "Buffer",
                "Page",
                "Reason",
                "In the way",
                "Thread",
                "Place");
        waits.forEach(wait -> table.row(row(wait)));
        return table;
    }

    private Cell[] row(Wait wait) {
        Buffer buffer = new Buffer(wait.runtime(), wait.buffer());
        return new Cell[] {
            Cell.time(Math.max(0, wait.when().start())),
            Cell.time(wait.when().nanos()),
            Cell.text(wait.operation()),
            Cell.text(buffer.toString()),
            wait.page() < 0 ? Cell.none() : Cell.count(wait.page()),
            Cell.text(wait.reason()),
            inTheWay(wait, buffer),
            Cell.text(wait.when().thread()),
            Cell.text(wait.when().place())
        };
    }

    private Cell inTheWay(Wait wait, Buffer buffer) {
        long pageBytes = timeline.places.pageBytes(buffer);
        List<String> names = wait.page() < 0 || pageBytes == 0
                ? List.of()
                : timeline.holders.bars().kept().stream()
                        .filter(bar -> bar.inTheWay(
                                buffer,
                                wait.page() * pageBytes,
                                wait.when().start(),
                                wait.when().end()))
                        .map(bar -> bar.held().kind() + " of "
                                + Cell.owner(bar.held().owner()).text())
                        .distinct()
                        .toList();
        String more = names.size() > NAMES_MAX ? ", " + (names.size() - NAMES_MAX) + " more" : "";
        return names.isEmpty()
                ? Cell.none()
                : Cell.owner(
                        names.stream().limit(NAMES_MAX).collect(Collectors.joining(", ")) + more);
    }

    private Table returns() {
        Table table = table(
                "twice",
                "Bytes moved twice",
                "Pages that came to a device, left it and came back.",
                "Buffer",
                "Device",
                "Copied there first",
                "Copied there again",
                "Batches that came back");
        timeline.returns
                .largest(ROWS_MAX)
                .forEach(each -> table.row(
                        Cell.text(each.getKey().buffer().toString()),
                        Cell.text(each.getKey().device()),
                        Cell.bytes(each.getValue().first),
                        Cell.bytes(each.getValue().again),
                        Cell.count(each.getValue().times)));
        return table;
    }

    private Table holders() {
        Longest<Holders.Bar> bars = timeline.holders.bars();
        List<Holders.Bar> rows = bars.kept().stream().limit(ROWS_MAX).toList();
        Table table = table(
                "holders",
                "Longest holders",
                ofAll("longest", rows.size(), bars.all()),
                "Owner",
                "What",
                "Mode",
                "Buffer",
                "From byte",
                "Bytes",
                "From",
                "Held",
                "At the end");
        for (Holders.Bar bar : rows) {
            table.row(
                    Cell.owner(bar.held().owner()),
                    Cell.text(bar.held().kind()),
                    Cell.text(bar.mode()),
                    Cell.text(bar.held().buffer().toString()),
                    Cell.count(bar.held().offset()),
                    Cell.bytes(bar.held().byteSize()),
                    Cell.time(Math.max(0, bar.from())),
                    Cell.time(bar.nanos()),
                    Cell.text(bar.ended() ? "closed" : "still open"));
        }
        return table;
    }

    private Table owners() {
        Groups<String, Holders.Owner> owners = timeline.holders.owners();
        Table table = table(
                "owners",
                "Owners",
                ofAll("with the longest times", Math.min(ROWS_MAX, owners.size()), owners.size()),
                "Owner",
                "Holders",
                "Held altogether",
                "Longest",
                "Largest");
        owners.largest(ROWS_MAX, each -> each.nanos)
                .forEach(each -> table.row(
                        Cell.owner(each.getKey()),
                        Cell.count(each.getValue().count),
                        Cell.time(each.getValue().nanos),
                        Cell.time(each.getValue().longest),
                        Cell.bytes(each.getValue().byteSize)));
        return table;
    }

    private Table reasons() {
        Table table = table(
                "reasons",
                "Why pages moved",
                "",
                "Reason",
                "From",
                "To",
                "Batches",
                "Bytes copied",
                "Bytes zeroed",
                "Waiting",
                "Copying");
        timeline.flow
                .reasons
                .largest(ROWS_MAX, each -> each.bytes)
                .forEach(each -> table.row(
                        Cell.text(each.getKey().reason()),
                        Cell.text(each.getKey().from()),
                        Cell.text(each.getKey().to()),
                        Cell.count(each.getValue().batches),
                        Cell.bytes(each.getValue().bytes),
                        Cell.bytes(each.getValue().zeroed),
                        Cell.time(each.getValue().waitTime),
                        Cell.time(each.getValue().copyTime)));
        return table;
    }

    private Table refusals() {
        Table table = table(
                "refusals", "Refused", "", "Owner", "Operation", "Reason of the page", "Times");
        timeline.stalls
                .refusals
                .largest(ROWS_MAX, each -> each[0])
                .forEach(each -> table.row(
                        Cell.owner(each.getKey().owner()),
                        Cell.text(each.getKey().operation()),
                        Cell.text(each.getKey().reason()),
                        Cell.count(each.getValue()[0])));
        return table;
    }

    private Table buffers() {
        List<Places.Bytes> buffers = timeline.places.largest(ROWS_MAX);
        List<String> tiers = timeline.places.tiers();
        List<String> columns = new ArrayList<>(List.of("Buffer", "Bytes"));
        tiers.forEach(tier -> columns.add("Most in " + Cell.shown(tier)));
        columns.addAll(List.of("Copied to devices", "Copied home"));
        Table table = table(
                "buffers",
                "Buffers",
                ofAll(
                        "with the most bytes, there or moved,",
                        buffers.size(),
                        timeline.places.count()),
                columns.toArray(new String[0]));
        for (Places.Bytes each : buffers) {
            List<Cell> row = new ArrayList<>();
            row.add(Cell.text(each.buffer.toString()));
            row.add(Cell.bytes(each.byteSize));
            tiers.forEach(
                    tier -> row.add(Cell.bytes(each.steps.most(timeline.places.column(tier)))));
            row.add(Cell.bytes(each.toDevices));
            row.add(Cell.bytes(each.toHome));
            table.row(row.toArray(new Cell[0]));
        }
        return table;
    }

    private Table budgets() {
        Table table = table(
                "budgets",
                "Budgets",
                "",
                "Budget",
                "Tier",
                "Limit",
                "Most in use",
                "Times reached");
        timeline.budgets
                .fullest(ROWS_MAX)
                .forEach(each -> table.row(
                        Cell.text(each.getKey().toString()),
                        Cell.text(each.getKey().tier()),
                        Cell.bytes(each.getValue().limit.most(0)),
                        Cell.bytes(each.getValue().used.most(0)),
                        Cell.count(each.getValue().reached)));
        return table;
    }
}
