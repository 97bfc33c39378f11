// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

/**
 * One recorded operation.
 *
 * @param line its line in the file, from 1
 * @param text the line without the state, for messages
 * @param operation what was done
 * @param page first page; 0 for a release
 * @param count number of pages; 0 for a release
 * @param hold the slot that a pin or hold was kept in, or that was released; else -1
 * @param busy whether the operation failed because a page was busy
 * @param state one letter a page, as the pages were after it
 */
public record TraceStep(
        int line,
        String text,
        TraceOperation operation,
        int page,
        int count,
        int hold,
        boolean busy,
        String state) {}
