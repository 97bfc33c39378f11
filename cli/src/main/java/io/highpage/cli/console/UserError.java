// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.internal.pipe.FileBytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/**
 * Something that the user has to know and can change: told in one message, without a stack trace.
 */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The exit code of a command that could not do what was asked. */
    public static final int FAILED = 1;
    /** The exit code of a command line that makes no sense. */
    public static final int USAGE = 2;

    /** The exit code of a command whose output nobody reads any more: that of SIGPIPE. */
    public static final int NOBODY_READS = 141;

    private final int exitCode;

    private UserError(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /**
     * {@return an error of the command line itself}
     *
     * @param message names the option and the value
     */
    public static UserError usage(String message) {
        return new UserError(USAGE, message, null);
    }

    /**
     * {@return the error of work that could not be done}
     *
     * @param message names the value and the limit
     */
    public static UserError failed(String message) {
        return new UserError(FAILED, message, null);
    }

    /**
     * {@return the error of work that could not be done}
     *
     * @param message names the value and the limit
     * @param cause for {@code --debug}
     */
    public static UserError failed(String message, Throwable cause) {
        return new UserError(FAILED, message, cause);
    }

    /**
     * {@return the error of a file that could not be used}
     *
     * @param what such as {@code cannot read FILE}
     * @param cause the failure, whose reason is added in words
     */
    public static UserError io(String what, IOException cause) {
        return new UserError(FAILED, what + ": " + FileBytes.reason(cause), cause);
    }

    /**
     * {@return the end of a command whose standard output nobody reads any more, of which nothing
     * is to be said}
     *
     * @param cause for {@code --debug}
     */
    public static UserError nobodyReads(IOException cause) {
        return new UserError(NOBODY_READS, "nobody reads standard output any more", cause);
    }

    /** {@return the exit code to end with} */
    public int exitCode() {
        return exitCode;
    }
}
