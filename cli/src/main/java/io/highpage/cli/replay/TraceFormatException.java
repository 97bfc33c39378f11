// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

/**
 * A trace file does not have the form it should have. The message names the file, the line and what
 * was expected.
 */
public final class TraceFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TraceFormatException(String file, int line, String expected, String found) {
        super(file + ":" + line + ": expected " + expected + ", found " + found);
    }
}
