// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.os.NativeLibrary;
import io.highpage.internal.work.SharedWork;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * What a finding is of: how copies are made is as much a part of it as the device.
 *
 * @param device platform, model, version of the driver, and kind of memory
 * @param copies by how many threads of this process, and whether by native code
 */
record DeviceKey(String device, String copies) {
    private static final String SVM = "svm: ";
    private static final String BUFFER = "cl_mem: ";

    static DeviceKey of(ClDeviceFacts facts, boolean svm) {
        return ofHere((svm ? SVM : BUFFER) + facts.description());
    }

    private static DeviceKey ofHere(String device) {
        return new DeviceKey(
                device,
                "threads: " + SharedWork.threads()
                        + (NativeLibrary.lookup().isPresent() ? "" : ", in Java"));
    }

    /** {@return the same device that was once given to a program as an argument} */
    static DeviceKey ofArgument(String argument) {
        return ofHere(URLDecoder.decode(argument, StandardCharsets.UTF_8));
    }

    /** {@return what to give a program as an argument: a locale may have no other letters} */
    String argument() {
        return URLEncoder.encode(device, StandardCharsets.UTF_8);
    }

    /** {@return all of it in one line} */
    String text() {
        return device + "; " + copies;
    }

    boolean isSvm() {
        return device.startsWith(SVM);
    }

    boolean isOf(ClDeviceFacts facts) {
        return device.equals(of(facts, isSvm()).device);
    }
}
