// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks the rules about every kind of word, for every operation, and compares what they say with the
 * tables of {@code docs/concurrency.md}, and with the transitions that a verdict promises.
 */
class RulesTest {
    private static final Path DOCUMENT = Path.of("../docs/concurrency.md");
    private static final int[] DEVICES = {1, PageWord.DEVICES_MAX};
    private static final long[] BUFFERS = {
        0,
        1,
        BufferWord.PAGES_MAX,
        BufferWord.ONE_WHOLE_PIN,
        BufferWord.WHOLE_PINS_MAX << BufferWord.WHOLE_PINS_SHIFT,
        BufferWord.CLOSED,
        BufferWord.CLOSED | 1
    };

    /** One question to the rules. */
    private record Case(Verb verb, long page, long buffer, int tier, long coherent, long lost) {

        Verdict verdict() {
            return Rules.verdict(verb, page, buffer, tier, coherent, lost);
        }

        boolean isOn(long tiers) {
            return PageWord.isOnDevice(page) && (tiers & 1L << PageWord.device(page)) != 0;
        }

        /** On the device that the operation names. */
        boolean isOnItsDevice() {
            return PageWord.isOnDevice(page)
                    && tier != PageWord.HOME
                    && PageWord.device(page) == tier;
        }

        int state() {
            return PageWord.state(page);
        }

        @Override
        public String toString() {
            return verb + " to tier " + tier + " of page " + PageWord.describe(page) + ", buffer "
                    + BufferWord.describe(buffer) + ", coherent " + Long.toHexString(coherent)
                    + ", lost " + Long.toHexString(lost);
        }
    }

    @FunctionalInterface
    private interface CaseConsumer {
        void accept(Case asked);
    }

    @FunctionalInterface
    private interface Condition {
        boolean of(Case asked);
    }

    // ---- what can be asked ----

    private static void forEachCase(CaseConsumer consumer) {
        for (Verb verb : Verb.values()) {
            boolean home = switch (verb) {
                case PIN, READ_PIN, HOLD, READ_HOLD, EVICT, DISCARD, CLEAN -> true;
                case ACCESS, READ_ACCESS, DRIVER_WRITE, DRIVER_READ, PREFETCH, GO_BACK -> false;
            };
            for (int tier : home ? new int[] {PageWord.HOME} : DEVICES) {
                for (long coherent : sets(1L << PageWord.HOME)) {
                    for (long lost : sets(0)) {
                        for (long page : SampleWords.all()) {
                            if (canBe(page, coherent)) {
                                for (long buffer : BUFFERS) {
                                    consumer.accept(
                                            new Case(verb, page, buffer, tier, coherent, lost));
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /** None, either, both of the devices. */
    private static long[] sets(long always) {
        long one = 1L << DEVICES[0];
        long other = 1L << DEVICES[1];
        return new long[] {always, always | one, always | other, always | one | other};
    }

    /** Whether transitions can lead to a word: what it counts goes with where the page is. */
    private static boolean canBe(long page, long coherent) {
        int device = PageWord.device(page);
        boolean pinned = PageWord.pins(page) > 0;
        boolean held = PageWord.holds(page) > 0;
        boolean accessed = PageWord.accesses(page) > 0;
        return switch (PageWord.state(page)) {
            case PageWord.ABSENT -> device == 0 && !PageWord.isCounted(page);
            case PageWord.HOST -> device == 0 && !accessed;
            case PageWord.DEVICE ->
                device != 0 && !pinned && !(held && accessed && (coherent & 1L << device) == 0);
            case PageWord.BOTH -> device != 0 && PageWord.is(page, PageWord.COMMITTED);
            case PageWord.LOST -> device != 0 && !pinned;
            default -> !PageWord.isCounted(page);
        };
    }

    // ---- what the document says ----

    private static final Map<String, Condition> BY_PAGE = new LinkedHashMap<>();
    private static final Map<String, Condition> IN_BOTH = new LinkedHashMap<>();
    private static final Map<String, Condition> THEN = new LinkedHashMap<>();
    private static List<String[]> pageRows;
    private static List<String[]> bothRows;
    private static List<String[]> thenRows;

    static {
        Condition held = asked -> PageWord.holds(asked.page()) > 0;
        Condition accessed = asked -> PageWord.accesses(asked.page()) > 0;
        Condition pinned = asked -> PageWord.pins(asked.page()) > 0;
        Condition host = asked -> asked.state() == PageWord.HOST;
        Condition device = asked -> asked.state() == PageWord.DEVICE;
        Condition coherent = asked -> asked.isOn(asked.coherent());
        Condition its = Case::isOnItsDevice;
        BY_PAGE.put("`CLOSED`", asked -> PageWord.is(asked.page(), PageWord.CLOSED));
        BY_PAGE.put("moving", asked -> asked.state() >= PageWord.FILLING_HOST);
        BY_PAGE.put("`LOST`", asked -> asked.state() == PageWord.LOST);
        Condition lost = asked -> asked.isOn(asked.lost());
        BY_PAGE.put("`DEVICE`, lost", all(device, lost));
        BY_PAGE.put("`BOTH`", asked -> asked.state() == PageWord.BOTH);
        BY_PAGE.put("`ABSENT`", asked -> asked.state() == PageWord.ABSENT);
        BY_PAGE.put("`HOST`, pinned", all(host, pinned));
        BY_PAGE.put("`HOST`, held", all(host, held));
        BY_PAGE.put("`HOST`", host);
        BY_PAGE.put("its device, coherent, accessed", all(its, coherent, accessed));
        BY_PAGE.put("its device, coherent", all(its, coherent));
        BY_PAGE.put("its device, private, accessed", all(its, not(coherent), accessed));
        BY_PAGE.put("its device, private, held", all(its, not(coherent), held));
        BY_PAGE.put("its device, private", all(its, not(coherent)));
        BY_PAGE.put(
                "`DEVICE`, its home has no memory",
                all(
                        device,
                        asked -> asked.verb() == Verb.DISCARD,
                        asked -> !PageWord.is(asked.page(), PageWord.COMMITTED)));
        BY_PAGE.put("`DEVICE`, coherent, held", all(device, coherent, held));
        BY_PAGE.put("`DEVICE`, coherent, accessed", all(device, coherent, accessed));
        BY_PAGE.put("`DEVICE`, coherent", all(device, coherent));
        BY_PAGE.put("`DEVICE`, private, held", all(device, not(coherent), held));
        BY_PAGE.put("`DEVICE`, private, accessed", all(device, not(coherent), accessed));
        BY_PAGE.put("`DEVICE`, private", all(device, not(coherent)));

        IN_BOTH.put("", asked -> true);
        IN_BOTH.put("coherent", coherent);
        IN_BOTH.put("private", not(coherent));
        IN_BOTH.put("not lost", not(lost));
        IN_BOTH.put("not pinned", not(pinned));
        IN_BOTH.put("its device", its);
        IN_BOTH.put("`PINNED`", pinned);
        IN_BOTH.put("`HELD`", held);
        IN_BOTH.put("`ACCESSED`", accessed);

        Condition closed = asked -> BufferWord.isClosed(asked.buffer());
        THEN.put("the count of its kind is full", RulesTest::isFull);
        Condition wanted = asked -> PageWord.is(asked.page(), PageWord.WANTED);
        THEN.put("`WANTED`", wanted);
        THEN.put(
                "`WANTED`, in the background", all(wanted, asked -> asked.verb().isInBackground()));
        THEN.put(
                "`ABSENT`, the buffer word `CLOSED`",
                all(closed, asked -> asked.state() == PageWord.ABSENT));
        THEN.put("the buffer word `CLOSED`", closed);
        THEN.put("pinned as a whole", asked -> BufferWord.wholePins(asked.buffer()) > 0);
    }

    private static boolean isFull(Case asked) {
        int count = switch (asked.verb()) {
            case PIN, READ_PIN -> PageWord.pins(asked.page());
            case HOLD, READ_HOLD, DRIVER_WRITE, DRIVER_READ -> PageWord.holds(asked.page());
            case ACCESS, READ_ACCESS -> PageWord.accesses(asked.page());
            case PREFETCH, EVICT, DISCARD, CLEAN, GO_BACK -> 0;
        };
        return count == PageWord.COUNT_MAX;
    }

    private static Condition all(Condition... conditions) {
        return asked -> Arrays.stream(conditions).allMatch(condition -> condition.of(asked));
    }

    private static Condition not(Condition condition) {
        return asked -> !condition.of(asked);
    }

    @BeforeAll
    static void read() throws IOException {
        pageRows = rows("rules by page word");
        thenRows = rows("rules then");
        bothRows = rows("rules in both");
        List<String> verbs = Arrays.stream(Verb.values()).map(Verb::name).toList();
        for (List<String[]> rows : List.of(pageRows, thenRows)) {
            String[] head = rows.removeFirst();
            assertThat(Arrays.asList(head).subList(head.length - verbs.size(), head.length))
                    .isEqualTo(verbs);
        }
        bothRows.removeFirst();
    }

    /** The cells of the rows of a table, with its head. */
    private static List<String[]> rows(String name) throws IOException {
        String text = Files.readString(DOCUMENT);
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- /" + name + " -->";
        assertThat(text).contains(begin, end);
        List<String[]> rows = new ArrayList<>();
        for (String line : text.substring(text.indexOf(begin) + begin.length(), text.indexOf(end))
                .lines()
                .toList()) {
            rows.add(line.substring(1, line.length() - 1).strip().split(" *\\| *", -1));
        }
        rows.remove(1);
        return rows;
    }

    /** What the table for pages in both places says; notes the row that says it. */
    private static String inBoth(Case asked, Set<String> metRows) {
        for (String[] row : bothRows) {
            boolean fits = Arrays.asList(row[0].split(", ")).contains("`" + asked.verb() + "`")
                    && Arrays.stream(row[1].split(", "))
                            .allMatch(where -> IN_BOTH.get(where).of(asked));
            if (fits) {
                String refused = Arrays.stream(row[2].split(", "))
                        .filter(kept -> !kept.isEmpty() && IN_BOTH.get(kept).of(asked))
                        .findFirst()
                        .orElse(row[3]);
                metRows.add(asked.verb() + " " + row[1] + " " + refused);
                return refused;
            }
        }
        return fail("no row for %s", asked);
    }

    /** What {@link #inBoth} can say: each operation, each of the verdicts of its rows. */
    private static Set<String> allInBoth() {
        Set<String> all = new TreeSet<>();
        for (String[] row : bothRows) {
            for (String verb : row[0].replace("`", "").split(", ")) {
                for (String verdict : (row[3] + ", " + row[2]).split(", ")) {
                    all.add(verb + " " + row[1] + " " + verdict);
                }
            }
        }
        return all;
    }

    private static String cell(String[] row, Verb verb) {
        return row[row.length - Verb.values().length + verb.ordinal()];
    }

    @Test
    void documentedRows_areThoseThatTheTestKnows() {
        assertThat(pageRows.stream().map(row -> row[0]))
                .containsExactlyElementsOf(BY_PAGE.keySet());
        assertThat(thenRows.stream().map(row -> row[1]).distinct())
                .containsExactlyInAnyOrderElementsOf(THEN.keySet());
    }

    @Test
    void verdict_ofEveryWordForEveryOperation_isTheDocuments() {
        Set<String> metInBoth = new TreeSet<>();
        boolean[][] met = new boolean[pageRows.size() + thenRows.size()][Verb.values().length];
        Condition[] byPage = BY_PAGE.values().toArray(Condition[]::new);
        Condition[] then = thenRows.stream().map(row -> THEN.get(row[1])).toArray(Condition[]::new);
        forEachCase(asked -> {
            int row = 0;
            while (!byPage[row].of(asked)) {
                row++;
            }
            met[row][asked.verb().ordinal()] = true;
            String expected = cell(pageRows.get(row), asked.verb());
            if (expected.equals("below")) {
                expected = inBoth(asked, metInBoth);
            }
            for (int other = 0; other < then.length; other++) {
                if (thenRows.get(other)[0].equals(expected) && then[other].of(asked)) {
                    met[pageRows.size() + other][asked.verb().ordinal()] = true;
                    expected = cell(thenRows.get(other), asked.verb());
                    break;
                }
            }
            if (!expected.equals("`" + asked.verdict() + "`")) {
                fail("%s is %s and should be %s", asked, asked.verdict(), expected);
            }
        });
        assertThat(metInBoth).isEqualTo(allInBoth());
        for (Verb verb : Verb.values()) {
            for (int row = 0; row < met.length; row++) {
                String[] cells = row < pageRows.size()
                        ? pageRows.get(row)
                        : thenRows.get(row - pageRows.size());
                assertThat(!cell(cells, verb).isEmpty())
                        .as("%s in row %s is met", verb, Arrays.toString(cells))
                        .isEqualTo(met[row][verb.ordinal()]);
            }
        }
    }

    @Test
    void isInPlace_ofEveryWord_isTheVerdictWhateverTheBufferWord() {
        forEachCase(asked -> {
            boolean inPlace = Rules.isInPlace(
                    asked.verb(), asked.page(), asked.tier(), asked.coherent(), asked.lost());
            if (inPlace != (asked.verdict() == Verdict.IN_PLACE)) {
                fail("%s is %s, in place: %s", asked, asked.verdict(), inPlace);
            }
        });
    }

    /** The short way says nothing that the whole of the rules does not. */
    @Test
    void isPlainlyHome_ofEveryWord_isInPlaceWhateverTheTiers() {
        AtomicLong plain = new AtomicLong();
        forEachCase(asked -> {
            if (asked.tier() == PageWord.HOME && Rules.isPlainlyHome(asked.verb(), asked.page())) {
                plain.incrementAndGet();
                if (asked.verdict() != Verdict.IN_PLACE) {
                    fail("%s is %s, and plainly home", asked, asked.verdict());
                }
            }
        });
        assertThat(plain).hasPositiveValue();
    }

    /** A verdict that lets an operation change the word promises the transition that does it. */
    @Test
    void verdict_ofEveryWord_promisesALegalTransition() {
        forEachCase(asked -> {
            long from = asked.page();
            boolean legal = switch (asked.verdict()) {
                case IN_PLACE, WANTED -> {
                    long to = from + asked.verb().one();
                    boolean drops =
                            asked.state() == PageWord.BOTH && !asked.verb().leavesBoth();
                    yield !asked.verb().counts()
                            || (drops
                                    ? PageTransition.DROP.allows(
                                            from, to & ~PageWord.STATE_MASK | PageWord.DEVICE)
                                    : PageTransition.COUNT_UP.allows(from, to));
                }
                case DROP -> {
                    long rest = from & ~(PageWord.STATE_MASK | PageWord.DEVICE_MASK);
                    long to = (rest | PageWord.HOST) + asked.verb().one();
                    yield PageTransition.DROP.allows(from, to);
                }
                case MOVE -> {
                    boolean absent = asked.state() == PageWord.ABSENT;
                    boolean home = asked.tier() == PageWord.HOME;
                    int filling = home ? PageWord.FILLING_HOST : PageWord.FILLING_DEVICE;
                    int moving = home ? PageWord.MOVING_TO_HOST : PageWord.MOVING_TO_DEVICE;
                    int device = home ? PageWord.device(from) : asked.tier();
                    long to = PageWord.with(from, absent ? filling : moving, device);
                    yield PageTransition.LOCK.allows(from, to & ~PageWord.WANTED);
                }
                case HOME_FIRST -> {
                    if (asked.state() == PageWord.BOTH) {
                        long rest = from & ~(PageWord.STATE_MASK | PageWord.DEVICE_MASK);
                        yield PageTransition.DROP.allows(from, rest | PageWord.HOST);
                    }
                    long to = PageWord.with(from, PageWord.MOVING_TO_HOST, PageWord.device(from));
                    yield PageTransition.LOCK.allows(from, to & ~PageWord.WANTED);
                }
                case LOSE ->
                    PageTransition.LOSE.allows(from, from & ~PageWord.STATE_MASK | PageWord.LOST);
                default -> true;
            };
            if (!legal) {
                fail("%s is %s, which no transition does", asked, asked.verdict());
            }
        });
    }

    /** What the whole buffer promises: a pin of all of it, or its close, and no page leaves. */
    @Test
    void pagesOfABufferThatIsPinnedOrClosed_neverLeaveHome() {
        forEachCase(asked -> {
            boolean kept =
                    BufferWord.isClosed(asked.buffer()) || BufferWord.wholePins(asked.buffer()) > 0;
            boolean leaves = asked.verdict() == Verdict.MOVE && asked.tier() != PageWord.HOME
                    || asked.verdict() == Verdict.HOME_FIRST;
            if (kept && leaves) {
                fail("%s is %s", asked, asked.verdict());
            }
        });
    }
}
