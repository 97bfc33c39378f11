// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import java.util.List;
import java.util.Optional;

/** Finds the devices of one family; a service, see {@link java.util.ServiceLoader}. */
public interface DeviceProvider {

    /** {@return the family's name, such as {@code opencl}} */
    String family();

    /**
     * {@return the devices found, in a stable order; empty if there are none}
     *
     * @throws IllegalCallerException if Java denies it native access, so that it cannot look; says
     *     how to start it. {@link #missing()} tells it then
     */
    List<DeviceInfo> find();

    /**
     * {@return what is missing and how to get it, such as a driver that fails beside one that
     * works; empty if all is there}
     */
    Optional<String> missing();
}
