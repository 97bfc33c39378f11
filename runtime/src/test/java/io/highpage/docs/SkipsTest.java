// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Who skips a test says why, in words of his own: {@code ./highpage test} ends with a list of them.
 */
class SkipsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** AssertJ's say what was expected, and not what is missing. */
    private static final Pattern WORDLESS = Pattern.compile(
            "\\bassumeThat\\w*\\(|\\babort\\(\\)|@Disabled\\b(?!\\()|@Disabled\\(\\)");

    private static final Pattern ASSUMED = Pattern.compile("\\bassume(True|False)\\(");

    /** {@return whether the call whose arguments begin here has one only} */
    private static boolean hasOneArgument(String text, int start) {
        int depth = 0;
        boolean quoted = false;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                i += c == '\\' ? 1 : 0;
                quoted = c != '"';
            } else if (c == '"') {
                quoted = true;
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && depth-- == 0) {
                return true;
            } else if (c == ',' && depth == 0) {
                return false;
            }
        }
        return true;
    }

    private static List<Integer> skipsWithoutWords(String text) {
        List<Integer> found = new ArrayList<>();
        WORDLESS.matcher(text).results().map(MatchResult::start).forEach(found::add);
        ASSUMED.matcher(text)
                .results()
                .filter(call -> hasOneArgument(text, call.end()))
                .map(MatchResult::start)
                .forEach(found::add);
        return found;
    }

    @Test
    void skips_ofAllTests_sayWhy() throws IOException {
        List<String> wordless = new ArrayList<>();
        int skips = 0;
        for (Path file : SourceFiles.below(ROOT, ".java")) {
            String text = Files.readString(file);
            if (file.endsWith("docs/SkipsTest.java") || !text.contains("org.junit")) {
                continue;
            }
            skips += (int) ASSUMED.matcher(text).results().count();
            for (int at : skipsWithoutWords(text)) {
                long line = text.substring(0, at).lines().count();
                wordless.add(ROOT.relativize(file) + ":" + line);
            }
        }
        assertThat(skips).isGreaterThan(50);
        assertThat(wordless).isEmpty();
    }

    @Test
    void skipsWithoutWords_areFound() {
        assertThat(List.of(
                        "assumeTrue(Files.exists(Path.of(\"a, b\")));",
                        "assumeFalse(is(a, b));",
                        "assumeThat(missing).isEmpty();",
                        "Assumptions.abort();",
                        "@Disabled\n    void test() {}"))
                .allSatisfy(text -> assertThat(skipsWithoutWords(text)).hasSize(1));
        assertThat(List.of(
                        "assumeTrue(is(a, b), \"no a\");",
                        "assumeFalse(is, () -> \"no a\");",
                        "abort(text);",
                        "@Disabled(\"too slow\")"))
                .allSatisfy(text -> assertThat(skipsWithoutWords(text)).isEmpty());
    }
}
