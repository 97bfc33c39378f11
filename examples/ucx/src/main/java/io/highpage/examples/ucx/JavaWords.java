// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.host.HostDevice;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Where there is no OpenCL: the built-in device, whose kernels are Java. */
final class JavaWords implements Words {
    private final HostDevice device;

    JavaWords(long bytes) {
        device = HostDevice.privateMemory(bytes);
    }

    @Override
    public String description() {
        return "Java on " + device.description();
    }

    @Override
    public Highpage highpage() {
        return Highpage.builder().device(device).open();
    }

    @Override
    public void fill(DeviceAccess words, int seed) {
        device.launch(words, memory -> {
            for (int number = 0; number < count(memory); number++) {
                int word = (number + seed) * (int) 2654435761L;
                memory.setAtIndex(ValueLayout.JAVA_INT, number, word ^ word >>> 15);
            }
        });
    }

    @Override
    public long checksum(DeviceAccess words) {
        long[] sum = new long[1];
        device.launch(words, memory -> {
            for (int number = 0; number < count(memory); number++) {
                int word = memory.getAtIndex(ValueLayout.JAVA_INT, number);
                sum[0] += Integer.toUnsignedLong(word) * (2L * number + 1);
            }
        });
        return sum[0];
    }

    private static long count(MemorySegment memory) {
        return memory.byteSize() / Integer.BYTES;
    }

    @Override
    public void close() {
        // The runtime has closed the device.
    }
}
