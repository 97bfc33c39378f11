// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.internal.watch.Checks;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has runtimes that are opened while a test runs be in the checked mode, unless they, or
 * {@code -Dhighpage.checked}, say otherwise.
 */
final class CheckedWhile
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        Checks.begin();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Checks.begin();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Checks.end();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Checks.end();
    }
}
