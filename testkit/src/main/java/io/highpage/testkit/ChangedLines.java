// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import java.util.List;

/** Counts what differs between a program and its port. */
public final class ChangedLines {
    private ChangedLines() {}

    /**
     * {@return a row of a table in docs/ports.md} The methods of a program are named {@code plain}
     * and {@code ported}.
     *
     * @param folder of the program, below the root of the sources
     */
    public static String row(String folder, String name, List<String> source) {
        List<String> plain = body(source, " plain(");
        List<String> ported = body(source, " ported(");
        int same = common(plain, ported);
        return "| [" + name + "](../" + folder + "/" + name + ".java) | " + plain.size() + " | "
                + same + " | " + (plain.size() - same) + " | " + (ported.size() - same) + " |";
    }

    /** {@return the lines of a method's body} */
    private static List<String> body(List<String> source, String method) {
        int begin = 0;
        while (!source.get(begin).contains(method)) {
            begin++;
        }
        int end = begin;
        while (!source.get(end).equals("    }")) {
            end++;
        }
        return source.subList(begin + 1, end).stream().map(String::strip).toList();
    }

    /** {@return the length of the longest sequence of lines that both have in order} */
    private static int common(List<String> a, List<String> b) {
        int[][] longest = new int[a.size() + 1][b.size() + 1];
        for (int i = 0; i < a.size(); i++) {
            for (int j = 0; j < b.size(); j++) {
                longest[i + 1][j + 1] = a.get(i).equals(b.get(j))
                        ? longest[i][j] + 1
                        : Math.max(longest[i][j + 1], longest[i + 1][j]);
            }
        }
        return longest[a.size()][b.size()];
    }
}
