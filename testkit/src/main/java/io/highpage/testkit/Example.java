// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An example that a document shows and a test runs: in the test's source between the lines
 * {@code // example} and {@code // end of example}.
 */
public final class Example {
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
}
