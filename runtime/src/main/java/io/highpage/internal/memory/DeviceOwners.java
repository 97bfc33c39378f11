// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.device.DeviceMemory;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which runtime has which device: a device has one owner at most, and only that closes it.
 * Thread-safe.
 */
public final class DeviceOwners {
    private static final Map<Identity, Object> OWNERS = new ConcurrentHashMap<>();

    private DeviceOwners() {}

    /** A device as itself, whatever it takes for equal. */
    private record Identity(DeviceMemory memory) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Identity(DeviceMemory same) && same == memory;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(memory);
        }
    }

    /**
     * Makes a runtime the owner of a device.
     *
     * @throws IllegalArgumentException if it has one
     */
    public static void claim(DeviceMemory memory, Object owner) {
        Object other = OWNERS.putIfAbsent(new Identity(memory), owner);
        if (other != null) {
            throw new IllegalArgumentException("device " + memory.name() + " is used by "
                    + (other == owner ? "this runtime already" : other)
                    + ": open the device once more for another runtime, or close that one first");
        }
    }

    /** Ends that. */
    public static void release(DeviceMemory memory) {
        OWNERS.remove(new Identity(memory));
    }

    /**
     * Looks whether a device may close: called by devices of this library first of all.
     *
     * @throws IllegalStateException if a runtime has it
     */
    public static void checkClosable(DeviceMemory memory) {
        Object owner = OWNERS.get(new Identity(memory));
        if (owner != null) {
            throw new IllegalStateException(
                    "device " + memory.name() + " cannot close: it is used by " + owner
                            + "; close that, which closes the device");
        }
    }
}
