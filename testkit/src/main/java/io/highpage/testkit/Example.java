// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An example that a document shows and a test runs: in the test's source between the lines
 * {@code // example} and {@code // end of example}, or only in the document.
 */
public final class Example {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\n(.*?)^```$");

    private Example() {}

    /**
     * {@return the example of a test as a document has to show it}
     *
     * @param test in the module's own {@code src/test/java}, which is run in the module's folder
     */
    public static String block(Class<?> test) throws IOException {
        String file = test.getName().replace('.', '/') + ".java";
        List<String> lines = Files.readAllLines(Path.of("src/test/java", file)).stream()
                .map(String::stripTrailing)
                .toList();
        List<String> marks = lines.stream().map(String::strip).toList();
        List<String> example = lines.subList(
                marks.indexOf("// example") + 1, marks.lastIndexOf("// end of example"));
        return "```java\n" + String.join("\n", example).stripIndent() + "\n```";
    }

    /**
     * {@return the only block of a document that is in this language and contains this}
     *
     * @throws java.util.NoSuchElementException if there is none
     * @throws IllegalArgumentException if there are several
     */
    public static String shown(Path document, String language, String part) throws IOException {
        return BLOCK.matcher(Files.readString(document))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .filter(text -> text.contains(part))
                .reduce((one, other) -> {
                    throw new IllegalArgumentException(
                            document + " has several blocks of " + language + " with " + part);
                })
                .orElseThrow();
    }
}
