// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers as kernels have them in memory. */
final class Ints {
    private Ints() {}

    static byte[] bytes(int[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.nativeOrder());
        bytes.asIntBuffer().put(numbers);
        return bytes.array();
    }
}
