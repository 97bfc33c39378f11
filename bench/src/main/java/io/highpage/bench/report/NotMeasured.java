// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

/** Says why a figure is not there. */
final class NotMeasured extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotMeasured(String reason) {
        super(reason, null, false, false);
    }
}
