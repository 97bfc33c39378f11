// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.opencl.ClDeviceFacts;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

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

    /** {@return the same that was once given to a program as an argument} */
    static DeviceKey ofArgument(String argument) {
        return new DeviceKey(URLDecoder.decode(argument, StandardCharsets.UTF_8));
    }

    /** {@return what to give a program as an argument: a locale may have no other letters} */
    String argument() {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    boolean isSvm() {
        return text.startsWith(SVM);
    }

    boolean isOf(ClDeviceFacts facts) {
        return equals(of(facts, isSvm()));
    }
}
