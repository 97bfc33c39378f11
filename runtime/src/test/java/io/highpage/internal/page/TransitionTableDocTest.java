// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Keeps the tables and diagrams in the documentation equal to the transitions in the code. */
class TransitionTableDocTest {
    private static final Path DOCUMENT = Path.of("../docs/concurrency.md");

    /**
     * A kind of word.
     *
     * @param name what its blocks in the document are marked with
     * @param transitions its changes
     * @param states its states, the first one first, each with words that are in it
     */
    private record Machine(String name, Transition[] transitions, Map<String, long[]> states) {

        /** Asks the transition. */
        boolean connects(Transition transition, String from, String to) {
            return Arrays.stream(states.get(from))
                    .anyMatch(before -> Arrays.stream(states.get(to))
                            .anyMatch(after -> transition.allows(before, after)));
        }

        List<String> targets(Transition transition, String from) {
            return states.keySet().stream()
                    .filter(to -> connects(transition, from, to))
                    .toList();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Machine> machines() {
        return List.of(
                new Machine("page", PageTransition.values(), pageStates()),
                new Machine("buffer", BufferTransition.values(), bufferStates()));
    }

    private static Map<String, long[]> pageStates() {
        long[] details = {
            0,
            PageWord.COMMITTED,
            PageWord.WANTED,
            PageWord.CLOSED,
            1L << PageWord.PINS_SHIFT,
            1L << PageWord.HOLDS_SHIFT,
            1L << PageWord.ACCESSES_SHIFT
        };
        return IntStream.range(0, PageWord.STATES)
                .boxed()
                .collect(Collectors.toMap(
                        PageWord::stateName,
                        state -> Arrays.stream(details)
                                .map(detail -> detail | state)
                                .toArray(),
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    private static Map<String, long[]> bufferStates() {
        LongFunction<String> name = word -> BufferWord.state(word).name();
        return LongStream.of(
                        1, // a new buffer's pages are all away
                        2,
                        0,
                        BufferWord.ONE_WHOLE_PIN,
                        2 * BufferWord.ONE_WHOLE_PIN,
                        BufferWord.CLOSED,
                        BufferWord.CLOSED | 1,
                        BufferWord.CLOSED | 2)
                .boxed()
                .collect(Collectors.groupingBy(
                        name::apply,
                        LinkedHashMap::new,
                        Collectors.collectingAndThen(
                                Collectors.toList(),
                                words -> words.stream()
                                        .mapToLong(Long::longValue)
                                        .toArray())));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void documentedTable_equalsTransitionsInCode(Machine machine) throws IOException {
        StringBuilder table = new StringBuilder(
                "| transition | from → to | by | mechanism |\n| --- | --- | --- | --- |\n");
        for (Transition transition : machine.transitions()) {
            table.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            transition.name(),
                            statePairs(machine, transition),
                            transition.actor(),
                            transition.mechanism()));
        }
        checkBlock(machine.name() + " transitions", table.toString());
    }

    private static String statePairs(Machine machine, Transition transition) {
        StringJoiner pairs = new StringJoiner("; ");
        for (String from : machine.states().keySet()) {
            List<String> targets = machine.targets(transition, from);
            if (!targets.isEmpty()) {
                pairs.add("`" + from + "` → `" + String.join("`, `", targets) + "`");
            }
        }
        return pairs.toString();
    }

    @ParameterizedTest
    @MethodSource("machines")
    void documentedDiagram_equalsTransitionsInCode(Machine machine) throws IOException {
        StringBuilder diagram = new StringBuilder("```mermaid\nstateDiagram-v2\n");
        List<String> states = List.copyOf(machine.states().keySet());
        diagram.append("    [*] --> %s\n".formatted(states.getFirst()));
        for (String from : states) {
            for (String to : states) {
                String names = Arrays.stream(machine.transitions())
                        .filter(transition -> machine.connects(transition, from, to))
                        .map(Transition::name)
                        .collect(Collectors.joining(", "));
                if (!names.isEmpty()) {
                    diagram.append("    %s --> %s : %s\n".formatted(from, to, names));
                }
            }
        }
        checkBlock(machine.name() + " diagram", diagram.append("```\n").toString());
    }

    /** Compares what stands between two comments of the document with what should. */
    private static void checkBlock(String name, String expected) throws IOException {
        String text = Files.readString(DOCUMENT);
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- /" + name + " -->";
        assertThat(text).contains(begin, end);
        assertThat(text.substring(text.indexOf(begin) + begin.length(), text.indexOf(end)))
                .as(
                        "docs/concurrency.md is out of date; between the comments '%s' should"
                                + " be:%n%s",
                        name, expected)
                .isEqualTo(expected);
    }
}
