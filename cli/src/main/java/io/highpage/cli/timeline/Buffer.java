// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

/**
 * A buffer, by which name it goes.
 *
 * @param runtime the name of its runtime
 * @param number its number there
 */
record Buffer(String runtime, long number) {
    @Override
    public String toString() {
        return runtime.isEmpty() ? "buffer " + number : runtime + " buffer " + number;
    }
}
