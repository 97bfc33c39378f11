// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.device.DeviceMemory;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which runtime has which device: a device has one owner at most, and only that closes it. Keeps
 * neither: a runtime that nobody has any more is told of. Thread-safe.
 */
public final class DeviceOwners {
    private static final Map<Owned, Owner> OWNERS = new ConcurrentHashMap<>();

    private DeviceOwners() {}

    /** A device as itself, whatever it takes for equal. */
    private static final class Owned extends WeakReference<DeviceMemory> {
        private final int hash;

        Owned(DeviceMemory memory) {
            super(memory);
            this.hash = System.identityHashCode(memory);
        }

        @Override
        public boolean equals(Object other) {
            DeviceMemory memory = get();
            return this == other
                    || memory != null && other instanceof Owned owned && owned.refersTo(memory);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** A runtime, in words too. */
    private static final class Owner extends WeakReference<Object> {
        private final String words;

        Owner(Object runtime) {
            super(runtime);
            this.words = runtime.toString();
        }

        @Override
        public String toString() {
            Object runtime = get();
            return runtime == null
                    ? words + ", which nobody has any more and was never closed"
                    : runtime.toString();
        }
    }

    /**
     * Makes a runtime the owner of a device.
     *
     * @throws IllegalArgumentException if it has one
     */
    public static void claim(DeviceMemory memory, Object owner) {
        OWNERS.keySet().removeIf(owned -> owned.refersTo(null));
        Owner other = OWNERS.putIfAbsent(new Owned(memory), new Owner(owner));
        if (other != null) {
            throw new IllegalArgumentException("device " + memory.name() + " is used by "
                    + (other.refersTo(owner) ? "this runtime already" : other)
                    + ": open the device once more for another runtime, or close that one first");
        }
    }

    /** Ends that. */
    public static void release(DeviceMemory memory) {
        OWNERS.remove(new Owned(memory));
    }

    /**
     * Looks whether a device may close: called by devices of this library first of all.
     *
     * @throws IllegalStateException if a runtime has it
     */
    public static void checkClosable(DeviceMemory memory) {
        Owner owner = OWNERS.get(new Owned(memory));
        if (owner != null) {
            throw new IllegalStateException(
                    "device " + memory.name() + " cannot close: it is used by " + owner
                            + "; close that, which closes the device");
        }
    }
}
