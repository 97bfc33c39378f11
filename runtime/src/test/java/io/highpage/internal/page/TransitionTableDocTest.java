// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/** Keeps the table in the documentation equal to the transitions in the code. */
class TransitionTableDocTest {
    private static final Path DOCUMENT = Path.of("../docs/concurrency.md");
    private static final String BEGIN = "<!-- transitions -->\n";
    private static final String END = "<!-- /transitions -->";

    @Test
    void documentedTable_equalsTransitionsInCode() throws IOException {
        String text = Files.readString(DOCUMENT);
        String table = text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));

        assertThat(table)
                .as("docs/concurrency.md is out of date; the table should be:%n%s", expected())
                .isEqualTo(expected());
    }

    private static String expected() {
        StringBuilder table =
                new StringBuilder("| transition | from → to | by | mechanism |\n| --- | --- | --- | --- |\n");
        for (PageTransition transition : PageTransition.values()) {
            table.append("| `%s` | %s | %s | %s |\n"
                    .formatted(transition, statePairs(transition), transition.actor(), transition.mechanism()));
        }
        return table.toString();
    }

    /** Every pair of states that the transition connects, found by asking it. */
    private static String statePairs(PageTransition transition) {
        StringJoiner pairs = new StringJoiner("; ");
        for (int from = 0; from < PageWord.STATES; from++) {
            StringJoiner targets = new StringJoiner(", ");
            for (int to = 0; to < PageWord.STATES; to++) {
                if (connects(transition, from, to)) {
                    targets.add(PageWord.stateName(to));
                }
            }
            if (targets.length() > 0) {
                pairs.add("`" + PageWord.stateName(from) + "` → `"
                        + targets.toString().replace(", ", "`, `") + "`");
            }
        }
        return pairs.toString();
    }

    private static boolean connects(PageTransition transition, int from, int to) {
        long[] details = {
            0,
            PageWord.COMMITTED,
            PageWord.WANTED,
            PageWord.CLOSED,
            1L << PageWord.PINS_SHIFT,
            1L << PageWord.HOLDS_SHIFT,
            1L << PageWord.ACCESSES_SHIFT
        };
        for (long before : details) {
            for (long after : details) {
                if (transition.allows(from | before, to | after)) {
                    return true;
                }
            }
        }
        return false;
    }
}
