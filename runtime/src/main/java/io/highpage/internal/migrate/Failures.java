// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.StillBusy;
import io.highpage.internal.outcome.FailedStep;
import io.highpage.internal.outcome.RefusedPages;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verdict;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Refusal;

/**
 * Makes refusals of outcomes, and outcomes of verdicts and exceptions: the one place that knows
 * which goes with which.
 */
public final class Failures {
    private Failures() {}

    /**
     * {@return what a verdict means to whoever asked for the page} A page that is wanted is in
     * place, and one that may move was not come to yet.
     */
    static PageOutcome outcome(Pages pages, Verdict verdict) {
        return switch (verdict) {
            case IN_PLACE, WANTED -> PageOutcome.IN_PLACE;
            case MOVE, DROP, HOME_FIRST -> PageOutcome.NOT_TRIED;
            case MOVING -> PageOutcome.MOVING;
            case HELD -> PageOutcome.HELD;
            case PINNED -> PageOutcome.PINNED;
            case ACCESSED -> PageOutcome.ACCESSED;
            case COUNT_FULL -> PageOutcome.COUNT_FULL;
            case CLOSING -> pages.isClosed() ? PageOutcome.CLOSED : PageOutcome.MOVING;
            case LOST, LOSE -> PageOutcome.DEVICE_LOST;
            case ELSEWHERE -> PageOutcome.ON_OTHER_DEVICE;
        };
    }

    /** {@return what a failed step means for its pages} */
    public static PageOutcome outcome(HighpageException failure) {
        return switch (failure) {
            case DeviceLostException lost -> PageOutcome.DEVICE_LOST;
            case OutOfPageMemoryException full ->
                full.device() ? PageOutcome.NO_DEVICE_MEMORY : PageOutcome.NO_HOST_MEMORY;
            case DeviceException failed -> PageOutcome.COPY_FAILED;
            case PagesBusyException busy -> busy.reason();
        };
    }

    /** {@return the refusal of a range whose pages have not been looked at} */
    public static Refusal refusal(long page, HighpageException failure) {
        return new FailedStep(page, outcome(failure), failure);
    }

    /** {@return what is so of the page in the way, for the message of a refusal} */
    static String text(PageOutcome reason) {
        return switch (reason) {
            case COPY_FAILED -> "where it was, its copy failed";
            case NO_HOST_MEMORY, NO_DEVICE_MEMORY -> "where it was, there is " + reason.text();
            case DEVICE_LOST -> "lost with its device";
            case COUNT_FULL ->
                "kept " + PageWord.COUNT_MAX
                        + " times in this way, the most that is counted for a page: close some,"
                        + " or pin"
                        + " the whole buffer, which is counted apart";
            case INTERRUPTED -> "not ready and the waiting thread was interrupted";
            default -> reason.text();
        };
    }

    /** {@return the exception for an operation that waited long enough for another one} */
    public static HighpageException stillBusy(long buffer, long page, StillBusy busy) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        return new RefusedPages(
                        page,
                        interrupted ? PageOutcome.INTERRUPTED : PageOutcome.MOVING,
                        null,
                        null,
                        () -> "buffer " + buffer + ", from page " + page + ": " + busy.getMessage()
                                + (interrupted
                                        ? "; the waiting thread was interrupted"
                                        : "; wait longer, or try again later"))
                .toException();
    }

    /** {@return the exception for what needs pages on a device that is lost} */
    static DeviceLostException lost(DeviceSlot device) {
        return new DeviceLostException(
                "device " + device + " is lost; the pages stay where they are", null);
    }

    /** {@return the exception for any use of a closed buffer} */
    static IllegalStateException closed(long buffer) {
        return new IllegalStateException("buffer " + buffer + " is closed");
    }
}
