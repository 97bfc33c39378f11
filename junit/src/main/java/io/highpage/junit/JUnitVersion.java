// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

import java.security.CodeSource;

/**
 * Fails, as soon as it is made, where JUnit is too old for tests of classes on each device: without
 * it such a JUnit would name a class of its own that is not there.
 */
final class JUnitVersion implements Extension {
    private static final String NEEDED = "org.junit.jupiter.api.ClassTemplate"; // since 5.13

    JUnitVersion() {
        try {
            Class.forName(NEEDED, false, Test.class.getClassLoader());
        } catch (ClassNotFoundException tooOld) {
            CodeSource source = Test.class.getProtectionDomain().getCodeSource();
            throw new ExtensionConfigurationException(
                    "highpage-junit needs JUnit 5.13 or newer, or 6; the tests run with "
                            + (source == null ? "an older one" : source.getLocation())
                            + ": import junit-bom of such a version before other BOMs, or set the"
                            + " property junit-jupiter.version where a parent manages JUnit",
                    tooOld);
        }
    }
}
