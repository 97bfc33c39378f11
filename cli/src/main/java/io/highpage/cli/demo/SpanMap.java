// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

/** Where spans are, in one line of letters. */
final class SpanMap {
    /** What a line of the report has room for. */
    static final int WIDTH = 32;

    private SpanMap() {}

    /**
     * {@return a letter for each span, or how many of a kind follow each other, such as {@code 36H
     * 12D}; empty if neither is short enough}
     *
     * @param letters where each span is
     */
    static String of(CharSequence letters) {
        if (letters.length() <= WIDTH) {
            return letters.toString();
        }
        StringBuilder runs = new StringBuilder();
        int start = 0;
        for (int i = 1; i <= letters.length() && runs.length() <= WIDTH; i++) {
            if (i == letters.length() || letters.charAt(i) != letters.charAt(start)) {
                runs.append(start == 0 ? "" : " ").append(i - start).append(letters.charAt(start));
                start = i;
            }
        }
        return runs.length() <= WIDTH ? runs.toString() : "";
    }
}
