// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/**
 * A page had to move and may not, because somebody holds, pins or accesses it or is moving it, and
 * the deadline has passed; or the waiting thread was interrupted (its interrupt status is then
 * set).
 */
public final class PagesBusyException extends HighpageException {
    private static final long serialVersionUID = 1;

    /** The first page in the way. */
    private final long page;

    /** What keeps that page. */
    private final PageOutcome reason;

    /**
     * Made by the runtime.
     *
     * @param message what failed, with its values
     * @param page index of the first page in the way
     * @param reason what keeps that page
     * @param outcomes the reason of every page of the range
     */
    public PagesBusyException(
            String message, long page, PageOutcome reason, PageOutcomes outcomes) {
        super(message, outcomes, null);
        this.page = page;
        this.reason = reason;
    }

    /** {@return the index in the buffer of the first page in the way} */
    public long page() {
        return page;
    }

    /** {@return what keeps that page} */
    public PageOutcome reason() {
        return reason;
    }
}
