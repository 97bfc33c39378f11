// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;

/** A device that decodes: one of OpenCL, or the built-in one, where "kernels" are plain Java. */
public sealed interface Machine extends AutoCloseable permits OpenClMachine, HostMachine {

    /** {@return the best there is: a GPU, else another OpenCL device, else the built-in one} */
    static Machine best() {
        return OpenClMachine.isThere() ? OpenClMachine.open() : HostMachine.coherent();
    }

    /** {@return its memory, for a runtime, which closes it} */
    DeviceMemory memory();

    /** {@return what it is, in words} */
    String description();

    /**
     * {@return kernels for a model, of one thread}
     *
     * @param shape the model's
     */
    @SuppressWarnings("exports") // to be handed to a decoder
    Kernels<? super DeviceAccess> kernels(Shape shape);

    /** To be closed after the runtime. */
    @Override
    void close();
}
