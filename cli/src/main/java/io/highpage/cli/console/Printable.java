// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.CharBuffer;

/**
 * Text that a terminal shows and does nothing else with. Names of files, kernels and devices and
 * what compilers say may contain anything; all that the commands print goes through here. What is
 * not shown as it is becomes {@code \}{@code u001b}, which is what JSON has for it too.
 */
public final class Printable {
    private Printable() {}

    /**
     * {@return a writer that passes on only what is printable, and line ends; it flushes after each
     * line}
     *
     * @param target takes it
     */
    public static PrintWriter to(Writer target) {
        return new PrintWriter(new Escaping(target), true);
    }

    /**
     * {@return text in one line, for where its width counts or no writer of {@link #to} is in
     * between}
     *
     * @param text any text
     */
    public static String line(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.chars()
                .forEach(letter ->
                        show(shown, (char) letter, letter == '\n' || isHarmful((char) letter)));
        return shown.toString();
    }

    /**
     * {@return a word as a shell takes it}
     *
     * @param text any text
     */
    public static String word(String text) {
        return text.matches("[\\w./+:@,=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private static void show(StringBuilder shown, char letter, boolean escape) {
        if (escape) {
            shown.append(String.format("\\u%04x", (int) letter));
        } else {
            shown.append(letter);
        }
    }

    /**
     * Whether a terminal might do something: control characters, and those that change the
     * direction of others.
     */
    private static boolean isHarmful(char letter) {
        if (letter == '\n' || letter == '\t') {
            return false;
        }
        return switch (Character.getType(letter)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static final class Escaping extends FilterWriter {
        Escaping(Writer target) {
            super(target);
        }

        @Override
        public void write(int letter) throws IOException {
            write(new char[] {(char) letter}, 0, 1);
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            write(CharBuffer.wrap(text, from, from + length));
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            write(CharBuffer.wrap(text, from, length));
        }

        private void write(CharSequence text) throws IOException {
            StringBuilder shown = new StringBuilder(text.length());
            text.chars().forEach(letter -> show(shown, (char) letter, isHarmful((char) letter)));
            out.write(shown.toString());
        }
    }
}
