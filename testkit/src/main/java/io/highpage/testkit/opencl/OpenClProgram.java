// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.opencl;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;

import java.util.function.IntConsumer;

/**
 * What a program has that uses OpenCL through some library: a context, a queue, and the kernel
 * {@link #ADD}.
 */
public interface OpenClProgram extends AutoCloseable {
    /** The kinds of memory, named as in {@code OpenClMemoryMode}. */
    enum Mode {
        FINE_GRAINED_SVM,
        COARSE_GRAINED_SVM,
        BUFFER
    }

    String ADD =
            "kernel void add(global int *words, int more) { words[get_global_id(0)] += more; }";

    /** {@return the bridge's device over this program's context and queue, in the best mode} */
    DeviceMemory device();

    DeviceMemory device(Mode mode);

    /** {@return the same, with the queue of another program} */
    DeviceMemory deviceWithQueueOf(OpenClProgram other);

    DeviceMemory deviceWithoutQueue();

    /** {@return the mode of an OpenCL device} */
    Mode modeOf(DeviceMemory device);

    void setArgument(int index, DeviceAccess access);

    void setArgumentOfNoKernel(DeviceAccess access);

    /** Starts the kernel on an access, tells the access of it, and does not wait. */
    void add(DeviceAccess access, int more, long items);

    /** Starts the kernel by the bridge's launch, on a queue that is not the device's. */
    void launchAddElsewhere(DeviceAccess access, int more, long items);

    /**
     * Tells an access of an event of the program's own. {@return what ends the event with a status}
     */
    IntConsumer completesWithUserEvent(DeviceAccess access);

    void completesWithNoEvent(DeviceAccess access);

    @Override
    void close();
}
