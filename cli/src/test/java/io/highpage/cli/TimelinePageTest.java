// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.highpage.cli.recording.Recorded;
import io.highpage.cli.recording.Recording;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The page in a real browser. */
class TimelinePageTest {
    /** Where pictures of the page are kept, if anywhere. */
    private static final String PICTURES = System.getProperty("highpage.pictures");

    @TempDir
    static Path folder;

    private static Browser browser;
    private static Path recording;
    private static Path page;
    private static Path both;
    private static Path pictured;

    @BeforeAll
    static void start() throws Exception {
        Browser.assumeThere();
        recording = ScarceRecording.make(folder.resolve("scarce.jfr"), 20, 50);
        Path before = ScarceRecording.make(folder.resolve("before.jfr"), 40, 50);
        page = folder.resolve("page.html");
        both = folder.resolve("both.html");
        Cli.run("timeline", recording, "-o", page).succeeds();
        Cli.run("timeline", before, recording, "-o", both).succeeds();
        pictured = both;
        if (PICTURES != null) { // what is kept shows what happened, not names that hurt
            pictured = folder.resolve("pictures.html");
            demo(pictured, 128);
        }
        browser = Browser.open(folder);
    }

    @AfterAll
    static void end() throws IOException {
        if (browser != null) {
            browser.close();
        }
    }

    private static long number(String expression) throws IOException {
        return browser.eval(expression).asLong();
    }

    /** {@return the numbers in a column of a table, from the top} */
    private static List<Long> column(String table, int column) throws IOException {
        List<Long> values = new ArrayList<>();
        browser.eval("[...document.querySelectorAll('#" + table + " tbody tr')].map(row =>"
                        + " +(row.children[" + column + "].dataset.value || -1))")
                .forEach(each -> values.add(each.asLong()));
        return values;
    }

    private static Map<String, Long> totals() throws IOException {
        Map<String, Long> totals = new TreeMap<>();
        JsonNode rows = browser.eval("[...document.querySelectorAll('#totals tbody tr')].map(row =>"
                + " [row.children[0].textContent, row.children[1].dataset.value])");
        rows.forEach(row -> totals.put(row.get(0).asText(), row.get(1).asLong()));
        return totals;
    }

    private static void fits(int width) throws IOException {
        assertThat(number("document.documentElement.scrollWidth")).isEqualTo(width);
        JsonNode beyond = browser.eval("[...document.querySelectorAll('body *')].filter(each =>"
                + " !each.closest('.scroll, svg') &&"
                + " each.getBoundingClientRect().right > innerWidth + 1)"
                + ".map(each => each.outerHTML.slice(0, 100))");
        assertThat(beyond).isEmpty();
        assertThat(number("[...document.querySelectorAll('.who .label')].filter(each =>"
                        + " each.scrollWidth > each.clientWidth + 1).length"))
                .isZero();
    }

    @Test
    void numbers_areThoseOfTheRecording() throws IOException {
        browser.show(page, 1280, false, true);
        Facts facts = Facts.of(recording);
        assertThat(totals())
                .containsEntry("Bytes copied to devices", facts.toDevices)
                .containsEntry("Bytes copied home", facts.toHome)
                .containsEntry("Bytes copied to a device again", facts.again)
                .containsEntry("Batches that failed to move", facts.failed)
                .containsEntry("Evictions", facts.evictions)
                .containsEntry("Evictions without a copy", facts.clean)
                .containsEntry("Waits", (long) facts.waits.size())
                .containsEntry("Accesses taken", facts.accesses)
                .containsEntry("Pins taken", facts.pins)
                .containsEntry("Refusals", facts.refusals)
                .containsEntry("Events", facts.events);
        assertThat(column("r0-waits", 1))
                .isEqualTo(facts.waits.stream()
                        .sorted(Comparator.reverseOrder())
                        .limit(50)
                        .toList());
        assertThat(column("r0-twice", 3).stream().mapToLong(Long::longValue).sum())
                .isEqualTo(facts.again);
        assertThat(column("r0-owners", 1).stream().mapToLong(Long::longValue).sum())
                .isEqualTo(number("recordings = JSON.parse(document.getElementById('data')"
                        + ".textContent).recordings[0].holders"));
    }

    /** What the runtime itself counted of it, which knows nothing of events. */
    @Test
    void numbers_ofWorkOnFourTimesADevice_areThoseThatWereCounted() throws IOException {
        Path shown = folder.resolve("demo.html");
        Cli demo = demo(shown, 16);
        browser.show(shown, 1280, false, true);
        assertThat(browser.complaints()).isEmpty();
        assertThat(totals())
                .containsEntry("Bytes copied to devices", counted(demo, "bytesIn"))
                .containsEntry("Bytes copied home", counted(demo, "bytesOut"))
                .containsEntry("Evictions", counted(demo, "spansEvicted"))
                .containsEntry("Bytes of room made", counted(demo, "bytesEvicted"));
        assertThat(counted(demo, "bytesIn")).isGreaterThan(16L << 20);
        assertThat(browser.eval("[...document.querySelectorAll('#r0-owners td.owner')]"
                                + ".map(each => each.textContent).join()")
                        .asText())
                .contains("demo");
    }

    /** Records work on so many mebibytes with a quarter of that on the device, and shows it. */
    private static Cli demo(Path shown, int mebibytes) throws IOException {
        Path data = Files.write(folder.resolve("data"), new byte[mebibytes << 20]);
        Path file = folder.resolve("demo.jfr");
        Cli demo;
        try (jdk.jfr.Recording real = new jdk.jfr.Recording()) {
            for (Class<?> each : Recorded.class.getPermittedSubclasses()) {
                real.enable("io.highpage." + each.getSimpleName())
                        .withoutThreshold()
                        .withPeriod(Duration.ofMillis(50)); // of those that are told every second
            }
            real.start();
            demo = Cli.run(
                    "demo",
                    data,
                    "--device",
                    "host-private",
                    "--device-memory",
                    mebibytes / 4 + "M",
                    "--json");
            real.stop();
            real.dump(file);
        }
        demo.succeeds();
        Cli.run("timeline", file, "-o", shown).succeeds();
        return demo;
    }

    private static long counted(Cli demo, String what) {
        long sum = 0;
        for (JsonNode step : demo.json().get("steps")) {
            sum += step.path("traffic").path(what).asLong();
        }
        return sum;
    }

    /** Text 4.5 to 1, what is drawn 3 to 1, as WCAG's level AA has it. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void colours_ofEachScheme_canBeToldFromThePaper(boolean isDark) throws IOException {
        browser.show(page, 1280, isDark, true);
        for (String ground : new String[] {"paper", "panel"}) {
            for (String text : new String[] {"ink", "quiet"}) {
                assertThat(contrast(text, ground)).as(text).isGreaterThan(4.5);
            }
            for (String drawn :
                    new String[] {"tier0", "tier1", "tier2", "tier3", "tier4", "bad", "focus"}) {
                assertThat(contrast(drawn, ground)).as(drawn).isGreaterThan(3);
            }
        }
    }

    private static double contrast(String one, String other) throws IOException {
        double a = luminance(one);
        double b = luminance(other);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    private static double luminance(String name) throws IOException {
        String colour = browser.eval("getComputedStyle(document.documentElement)"
                        + ".getPropertyValue('--" + name + "').trim()")
                .asText();
        double[] shares = {0.2126, 0.7152, 0.0722};
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double part = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
            sum += shares[i]
                    * (part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4));
        }
        return sum;
    }

    @Test
    void page_withNamesOfAllKinds_drawsAndComplainsOfNothing() throws IOException {
        browser.show(both, 1280, false, true);
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.eval("document.title").asText()).contains("before.jfr");
        assertThat(number("document.querySelectorAll('img').length")).isZero();
        assertThat(browser.eval("document.getElementById('drawn').dataset.ready")
                        .asText())
                .isEqualTo("true");
        assertThat(number("document.querySelectorAll('#canvas section').length"))
                .isEqualTo(2);
        assertThat(number("document.querySelectorAll('#canvas svg.plot:not([aria-label])').length"))
                .isZero();
        assertThat(browser.eval("document.getElementById('canvas').innerHTML.includes('NaN')")
                        .asBoolean())
                .isFalse();
        assertThat(number("[...document.querySelectorAll('#canvas svg.plot')].filter(each =>"
                        + " each.childElementCount === 0).length"))
                .isZero();
        String names = browser.eval("[...document.querySelectorAll('.who bdi')].map(each =>"
                        + " each.textContent).join(' ')")
                .asText();
        assertThat(names)
                .contains("<img src=x", "(no name)", "\\u202e", "\\u0007", "…")
                .doesNotContain("\u202E", "\u0007");
    }

    @Test
    void zoom_byKeysWheelAndDragging_changesWhatIsShown() throws IOException {
        browser.show(page, 1280, false, true);
        long all = number("+document.getElementById('drawn').dataset.to");
        String width = "document.getElementById('drawn').dataset.to"
                + " - document.getElementById('drawn').dataset.from";
        String drawn = "document.querySelector('#canvas svg.plot path').getAttribute('d')";
        String before = browser.eval(drawn).asText();
        browser.key("+", 0);
        assertThat(number(width)).isEqualTo(all / 2);
        assertThat(browser.eval(drawn).asText()).isNotEqualTo(before);
        browser.key("ArrowLeft", 0);
        assertThat(number("+document.getElementById('drawn').dataset.from"))
                .isBetween(all / 4 - all / 10 - 2, all / 4 - all / 10 + 2);
        browser.key("-", 0);
        assertThat(number(width)).isEqualTo(all);
        browser.key("+", 0);
        browser.key("0", 0);
        assertThat(number(width)).isEqualTo(all);
        JsonNode box =
                browser.eval("(() => { const box = document.querySelector('#canvas svg.plot')"
                        + ".getBoundingClientRect(); return [box.left, box.top, box.width]; })()");
        double left = box.get(0).asDouble();
        double top = box.get(1).asDouble() + 10;
        double quarter = box.get(2).asDouble() / 4;
        Map<String, Object> button = Map.of("button", "left", "buttons", 1, "clickCount", 1);
        browser.mouse("mousePressed", left + quarter, top, button);
        browser.mouse("mouseMoved", left + 2 * quarter, top, Map.of("buttons", 1));
        browser.mouse("mouseReleased", left + 2 * quarter, top, button);
        assertThat(number(width)).isBetween(all / 4 - all / 100, all / 4 + all / 100);
        browser.mouse("mouseWheel", left + quarter, top, Map.of("deltaX", 0, "deltaY", -200));
        assertThat(number(width)).isLessThan(all / 4 - all / 50);
        browser.key("ArrowRight", 8);
        assertThat(browser.eval("document.querySelector('figcaption .at').textContent")
                        .asText())
                .isNotEmpty();
        assertThat(browser.complaints()).isEmpty();
    }

    /** A second of work in an hour is a tenth of a pixel, and has hundreds of moves. */
    @Test
    void zoom_intoASecondOfAnHour_showsWhatMovedInIt() throws Exception {
        Path hour = folder.resolve("hour.jfr");
        int stretched = ScarceRecording.burst(hour, 300, 3600);
        Path shown = folder.resolve("hour.html");
        Cli.run("timeline", hour, "-o", shown).succeeds();
        List<Long> moves = moves(hour);
        browser.show(shown, 1280, false, true);
        int first = 0; // of fifty between which nobody else had the processor
        for (int i = 0; i + 50 < moves.size(); i++) {
            boolean isShorter =
                    moves.get(i + 50) - moves.get(i) < moves.get(first + 50) - moves.get(first);
            first = isShorter ? i : first;
        }
        zoom(moves.get(first), moves.get(first + 50));
        JsonNode said = browser.eval(
                "[...document.querySelectorAll('.axis text')].map(each => each.textContent)");
        assertThat(said).hasSizeGreaterThan(2).doesNotHaveDuplicates();
        assertThat(number("document.querySelector('#canvas svg.plot path.s1').getAttribute('d')"
                        + ".split('V').length"))
                .as("heights on the device, of 50 moves stretched %d times", stretched)
                .isGreaterThan(25);
        assertThat(browser.eval("document.querySelector('.finer').hidden").asBoolean())
                .isTrue();
        assertThat(Files.size(shown)).isLessThan(400_000);
    }

    /** {@return when something moved} */
    private static List<Long> moves(Path file) {
        List<Long> moves = new ArrayList<>();
        Recording.of(file).read(each -> {
            if (each instanceof Recorded.Migration) {
                moves.add(each.when().end());
            }
        });
        return moves;
    }

    /** Zooms by the wheel until what is shown is hardly longer than a time, which is in it. */
    private static void zoom(long from, long to) throws IOException {
        JsonNode box =
                browser.eval("(() => { const box = document.querySelector('#canvas svg.plot')"
                        + ".getBoundingClientRect(); return [box.left, box.top, box.width]; })()");
        double left = box.get(0).asDouble();
        double width = box.get(2).asDouble();
        for (int i = 0; i < 100; i++) {
            long begin = number("+document.getElementById('drawn').dataset.from");
            long end = number("+document.getElementById('drawn').dataset.to");
            if (end - begin < 4 * (to - from)) {
                assertThat(begin).isLessThanOrEqualTo(from);
                assertThat(end).isGreaterThanOrEqualTo(to);
                return;
            }
            double at = left + ((from + to) / 2.0 - begin) / (end - begin) * width;
            browser.mouse(
                    "mouseWheel",
                    at,
                    box.get(1).asDouble() + 10,
                    Map.of("deltaX", 0, "deltaY", -150, "modifiers", 2));
        }
        throw new AssertionError("the wheel does not zoom");
    }

    /** What does not fit into a page is in one of a part, whose command the page has. */
    @Test
    void steps_thatAreWide_haveTheCommandForFinerOnes() throws Exception {
        Path busy = folder.resolve("a busy one.jfr");
        ScarceRecording.burst(busy, 40_000, 0);
        Path shown = folder.resolve("busy.html");
        Cli.run("timeline", busy, "-o", shown).succeeds();
        browser.show(shown, 1280, false, true);
        assertThat(browser.eval("document.querySelector('.finer').hidden").asBoolean())
                .isTrue();
        List<Long> moves = moves(busy);
        long middle = moves.get(moves.size() / 2);
        zoom(middle, middle + 5_000_000);
        String command = browser.eval("document.querySelector('.finer code').textContent")
                .asText();
        assertThat(command)
                .startsWith("highpage timeline '" + busy + "' --from ")
                .endsWith(" -o part.html");
        assertThat(browser.eval("document.querySelector('figcaption .most').textContent")
                        .asText())
                .contains("in steps of ");
        Path part = folder.resolve("part.html");
        String[] words = command.replaceFirst(".*' ", "").split(" ");
        Cli.run("timeline", busy, words[0], words[1], words[2], words[3], "-o", part)
                .succeeds();
        browser.show(part, 1280, false, true);
        assertThat(browser.complaints()).isEmpty();
        assertThat(number("document.querySelector('#canvas svg.plot path.s1').getAttribute('d')"
                        + ".split('V').length"))
                .isGreaterThan(20);
        assertThat(browser.eval("document.querySelector('.finer').hidden").asBoolean())
                .isTrue();
    }

    @Test
    void search_byOwner_leavesTheOthersOut() throws IOException {
        browser.show(page, 1280, false, true);
        long rows = number("document.querySelectorAll('#r0-holders tbody tr').length");
        browser.eval("document.getElementById('search').focus()");
        for (String letter : "TRAINER".split("")) {
            browser.key(letter, 0);
        }
        assertThat(browser.eval("document.querySelector('[role=status]').textContent")
                        .asText())
                .startsWith("1 of ");
        assertThat(browser.eval("[...document.querySelectorAll('.who bdi')].map(each =>"
                                + " each.textContent).join()")
                        .asText())
                .isEqualTo("trainer");
        String shown = "[...document.querySelectorAll('#r0-holders tbody tr')]"
                + ".filter(each => each.offsetHeight > 0)";
        assertThat(number(shown + ".length")).isBetween(1L, rows - 1);
        assertThat(browser.eval(shown + ".every(each => each.textContent.includes('trainer'))")
                        .asBoolean())
                .isTrue();
        // Keys of the drawing are letters here.
        browser.key("+", 0);
        assertThat(browser.eval("document.getElementById('search').value").asText())
                .isEqualTo("TRAINER+");
        assertThat(browser.eval("document.querySelector('.who')").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1280,false", "1280,true", "390,false", "390,true"})
    void page_ofAnyWidthAndScheme_fits(int width, boolean isDark) throws IOException {
        browser.show(pictured, width, isDark, true);
        fits(width);
        assertThat(browser.complaints()).isEmpty();
        byte[] picture = browser.picture(width, width == 390 ? 1100 : 1000);
        assertThat(picture).isNotEmpty();
        if (PICTURES != null) {
            String name = "timeline-" + (width == 390 ? "narrow" : "wide")
                    + (isDark ? "-dark" : "-light") + ".png";
            Files.write(Files.createDirectories(Path.of(PICTURES)).resolve(name), picture);
        }
    }

    @Test
    void layers_whereNothingIs_hideNothing() throws IOException {
        browser.show(page, 1280, false, true);
        assertThat(number("document.querySelector('#canvas svg.plot path.s1').getBBox().x"))
                .as("where bytes on the device begin, which is not at the start")
                .isGreaterThan(10);
    }

    @Test
    void page_withoutJavaScript_saysSoAndHasTheTables() throws IOException {
        browser.show(page, 390, false, false);
        // Scripts of the page are off; what the protocol evaluates is not of the page.
        browser.call("Emulation.setScriptExecutionDisabled", Map.of("value", false));
        assertThat(browser.eval("document.body.innerText").asText())
                .contains("JavaScript is off here", "Longest waits", "Bytes moved twice");
        assertThat(number("document.getElementById('drawn').offsetHeight")).isZero();
        assertThat(number("document.querySelectorAll('#r0-waits tbody tr').length"))
                .isEqualTo(50);
        fits(390);
    }

    @Test
    void keyboard_reachesEveryPart() throws IOException {
        browser.show(page, 1280, false, true);
        Set<String> reached = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            browser.call(
                    "Input.dispatchKeyEvent",
                    Map.of("type", "keyDown", "key", "Tab", "windowsVirtualKeyCode", 9));
            browser.settle();
            reached.add(browser.eval("(document.activeElement.getAttribute('aria-label') ||"
                            + " document.activeElement.id || document.activeElement.className)"
                            + " + getComputedStyle(document.activeElement).outlineStyle")
                    .asText());
        }
        assertThat(reached)
                .contains("Larger (+)solid", "All of it (0)solid")
                .anyMatch(each -> each.startsWith("search"))
                .anyMatch(each -> each.startsWith("Drawings over time"))
                .anyMatch(each -> each.startsWith("scroll") && each.endsWith("solid"));
    }

    /** What a recording tells, found without the code that makes the page. */
    private static final class Facts {
        long toDevices;
        long toHome;
        long again;
        long failed;
        long evictions;
        long clean;
        long accesses;
        long pins;
        long refusals;
        long events;
        final List<Long> waits = new ArrayList<>();
        private final Set<String> left = new HashSet<>();
        private final Set<String> there = new HashSet<>();

        static Facts of(Path file) throws IOException {
            Facts facts = new Facts();
            List<RecordedEvent> all = new ArrayList<>(RecordingFile.readAllEvents(file));
            all.removeIf(each -> !each.getEventType().getName().startsWith("io.highpage."));
            all.sort(Comparator.comparing(RecordedEvent::getEndTime));
            all.forEach(facts::add);
            return facts;
        }

        private void add(RecordedEvent event) {
            events++;
            switch (event.getEventType().getName()) {
                case "io.highpage.Migration" -> move(event);
                case "io.highpage.Eviction" -> {
                    evictions++;
                    clean += event.getBoolean("clean") ? 1 : 0;
                    leave(event, event.getString("tier"));
                }
                case "io.highpage.Wait" -> waits.add(event.getDuration().toNanos());
                case "io.highpage.Access" -> accesses++;
                case "io.highpage.Pin" -> pins++;
                case "io.highpage.Rejection" -> refusals++;
                default -> {}
            }
        }

        private void move(RecordedEvent event) {
            if (!event.getString("failure").isEmpty()) {
                failed++;
                return;
            }
            long bytes = event.getLong("bytes");
            String to = event.getString("to");
            toHome += to.equals("home") ? bytes : 0;
            toDevices += to.equals("home") ? 0 : bytes;
            long pages = event.getLong("pages");
            for (long i = 0; i < pages; i++) {
                String page = event.getLong("buffer") + " " + (event.getLong("firstPage") + i);
                if (!to.equals("home") && left.remove(to + page)) {
                    again += bytes / pages;
                }
                if (!to.equals("home")) {
                    there.add(to + page);
                }
            }
            leave(event, event.getString("from"));
        }

        private void leave(RecordedEvent event, String tier) {
            for (long i = 0; i < event.getLong("pages"); i++) {
                String page =
                        tier + event.getLong("buffer") + " " + (event.getLong("firstPage") + i);
                if (there.remove(page)) {
                    left.add(page);
                }
            }
        }
    }
}
