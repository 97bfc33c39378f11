// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.opencl.ClDeviceFacts;

/**
 * What a finding is of: platform, model, version of the driver, and kind of memory.
 *
 * @param text all that in one line
 */
record DeviceKey(String text) {
    private static final String SVM = "svm: ";
    private static final String BUFFER = "cl_mem: ";

    static DeviceKey of(ClDeviceFacts facts, boolean svm) {
        return new DeviceKey((svm ? SVM : BUFFER) + facts.description());
    }

    boolean isSvm() {
        return text.startsWith(SVM);
    }

    boolean isOf(ClDeviceFacts facts) {
        return equals(of(facts, isSvm()));
    }
}
