// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import java.util.ArrayList;
import java.util.List;

/** Text that fits a terminal of usual width: words wrapped behind a margin. */
public final class Block {
    private static final int WIDTH = 80;

    private Block() {}

    /**
     * {@return lines of at most 80 characters, unless a word is longer}
     *
     * @param head what stands in the margin of the first line
     * @param margin the width of the margin
     * @param text the text; its own lines stay lines, with the blanks that they begin with
     */
    public static List<String> lines(String head, int margin, String text) {
        List<String> lines = new ArrayList<>();
        String before = head.length() < margin ? head + " ".repeat(margin - head.length()) : head;
        for (String own : text.lines().toList()) {
            int indent = own.length() - own.stripLeading().length();
            StringBuilder line = new StringBuilder(before).append(" ".repeat(indent));
            boolean empty = true;
            for (String word : own.strip().split(" +")) {
                if (!empty && line.length() + 1 + word.length() > WIDTH) {
                    lines.add(line.toString().stripTrailing());
                    line = new StringBuilder(" ".repeat(margin + indent));
                    empty = true;
                }
                line.append(empty ? "" : " ").append(word);
                empty = false;
            }
            lines.add(line.toString().stripTrailing());
            before = " ".repeat(margin);
        }
        return lines;
    }
}
