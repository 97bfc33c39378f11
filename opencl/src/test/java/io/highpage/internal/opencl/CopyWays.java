// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Lets devices that a test opens copy in one way. */
public record CopyWays(CopyWay way) implements BeforeEachCallback, AfterEachCallback {
    @Override
    public void beforeEach(ExtensionContext test) {
        System.setProperty(CopyWay.PROPERTY, way.word());
    }

    @Override
    public void afterEach(ExtensionContext test) {
        System.clearProperty(CopyWay.PROPERTY);
    }
}
