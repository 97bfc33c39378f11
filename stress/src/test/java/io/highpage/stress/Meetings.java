// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every pair of operations on one page, from every resting place of that page. Random scenarios
 * hardly ever put two operations that matter to each other on one page at one time.
 */
final class Meetings {
    private static final int PAGE = 0;
    private static final int OTHER_PAGE = 1;
    private static final int BEFORE = 9;

    /** What one thread does. */
    private static final List<String> PROGRAMS = List.of(
            "pin write unpin",
            "pin read",
            "hold write unhold",
            "hold read",
            "access write unaccess",
            "access read",
            "pinWhole write unpinWhole",
            "pinWhole read",
            "moveOut",
            "moveHome",
            "moveHome moveOut",
            "close");

    private static final List<String> PLACES =
            List.of("hold write unhold", "access write unaccess", "");

    /** What a page that is in both places changes: who reads it, and what ends that. */
    private static final List<String> PROGRAMS_IN_BOTH = List.of(
            "readPin read",
            "readAccess read",
            "pin write unpin",
            "hold write unhold",
            "access write unaccess",
            "pinWhole write unpinWhole",
            "moveHome",
            "moveHome moveOut",
            "close");

    private static final String BOTH = "hold write unhold moveOut";

    private Meetings() {}

    static List<ExecutionScenario> all() {
        return Stream.concat(
                        PLACES.stream().flatMap(place -> pairs(place, PROGRAMS)), inBoth().stream())
                .toList();
    }

    /** {@return those of a page that is at home and on the device} */
    static List<ExecutionScenario> inBoth() {
        return pairs(BOTH, PROGRAMS_IN_BOTH).toList();
    }

    private static Stream<ExecutionScenario> pairs(String place, List<String> programs) {
        List<ExecutionScenario> pairs = new ArrayList<>();
        for (int first = 0; first < programs.size(); first++) {
            for (int second = first; second < programs.size(); second++) {
                // Closes take turns.
                if (!programs.get(first).equals("close")) {
                    pairs.add(meeting(place, programs.get(first), programs.get(second)));
                }
            }
        }
        return pairs.stream();
    }

    private static ExecutionScenario meeting(String place, String first, String second) {
        // The other page is at home, so that a pin of the whole buffer depends on the one that is
        // fought for.
        List<Actor> before = Stream.concat(
                        Stream.of(actor("hold", 0, OTHER_PAGE), actor("unhold", 0, OTHER_PAGE)),
                        program(place, 0).stream())
                .toList();
        return new ExecutionScenario(
                before,
                List.of(program(first, 1), program(second, 2)),
                program("moveHome hold read", 0),
                null);
    }

    private static List<Actor> program(String names, int thread) {
        return Arrays.stream(names.split(" "))
                .filter(name -> !name.isEmpty())
                .map(name -> switch (name) {
                    case "close" -> actor(name);
                    case "moveOut", "moveHome" -> actor(name, PAGE);
                    case "pinWhole", "unpinWhole" -> actor(name, thread);
                    case "write" -> actor(name, thread, PAGE, BEFORE + thread);
                    default -> actor(name, thread, PAGE);
                })
                .toList();
    }

    private static Actor actor(String name, Object... arguments) {
        Class<?>[] types = new Class<?>[arguments.length];
        Arrays.fill(types, int.class);
        try {
            Method method = ExploredBuffer.class.getMethod(name, types);
            return new Actor(method, List.of(arguments));
        } catch (NoSuchMethodException missing) {
            throw new AssertionError(missing);
        }
    }
}
