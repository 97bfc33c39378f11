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

    PagesBusyException(Refusal refused) {
        super(refused);
        this.page = refused.page();
        this.reason = refused.reason();
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
