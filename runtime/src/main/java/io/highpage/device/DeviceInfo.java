// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import java.util.Objects;
import java.util.function.Supplier;

/** A device that was found on this machine. Immutable, hence thread-safe. */
public final class DeviceInfo {
    private final String name;
    private final DeviceKind kind;
    private final Supplier<DeviceMemory> opener;
    private final String description;
    private final String svm;
    private final String reason;
    private final Supplier<String> copies;
    private final long capacityBytes;
    private final long maxExtentBytes;
    private final int preferred;

    private DeviceInfo(Builder from) {
        this.name = from.name;
        this.kind = from.kind;
        this.opener = from.opener;
        this.description = from.description;
        this.svm = from.svm;
        this.reason = from.reason;
        this.copies = from.copies;
        this.capacityBytes = from.capacityBytes;
        this.maxExtentBytes = from.maxExtentBytes;
        this.preferred = from.preferred;
    }

    /**
     * {@return a description to be filled in}
     *
     * @param name what to ask for it by, such as {@code host} or {@code opencl:0}
     * @param kind how its memory is used
     * @param opener opens it
     */
    public static Builder builder(String name, DeviceKind kind, Supplier<DeviceMemory> opener) {
        return new Builder(name, kind, opener);
    }

    /** {@return what to ask for it by, such as {@code host} or {@code opencl:0}} */
    public String name() {
        return name;
    }

    /** {@return how its memory is used} */
    public DeviceKind kind() {
        return kind;
    }

    /** {@return model and driver in words} */
    public String description() {
        return description;
    }

    /** {@return the level of shared virtual memory that the driver reports, or {@code -}} */
    public String svm() {
        return svm;
    }

    /** {@return why its memory is used that way} */
    public String reason() {
        return reason;
    }

    /**
     * {@return how bytes get to its memory and back, what was measured of that, and why it is done
     * so, in words, as far as it is known when this is asked; empty if the CPU copies, as it does
     * where memory is coherent}
     */
    public String copies() {
        return copies.get();
    }

    /** {@return the bytes that it has, as far as it tells; 0 if it does not} */
    public long capacityBytes() {
        return capacityBytes;
    }

    /** {@return the largest allocation in bytes} */
    public long maxExtentBytes() {
        return maxExtentBytes;
    }

    /** {@return a rank: the device with the highest is what {@code Highpage.open()} takes} */
    public int preferred() {
        return preferred;
    }

    /**
     * Opens the device. The caller owns it until a runtime takes it.
     *
     * @return its memory
     * @throws io.highpage.outcome.DeviceException if the driver failed
     */
    public DeviceMemory open() {
        return opener.get();
    }

    @Override
    public String toString() {
        return name + " (" + description + ")";
    }

    /** Describes a device, for a {@link DeviceProvider}. Confined to one thread. */
    public static final class Builder {
        private final String name;
        private final DeviceKind kind;
        private final Supplier<DeviceMemory> opener;
        private String description = "";
        private String svm = "-";
        private String reason = "";
        private Supplier<String> copies = () -> "";
        private long capacityBytes;
        private long maxExtentBytes;
        private int preferred;

        private Builder(String name, DeviceKind kind, Supplier<DeviceMemory> opener) {
            this.name = Objects.requireNonNull(name, "name");
            this.kind = Objects.requireNonNull(kind, "kind");
            this.opener = Objects.requireNonNull(opener, "opener");
        }

        /**
         * Tells what it is.
         *
         * @param description model and driver in words
         * @return this
         */
        public Builder description(String description) {
            this.description = Objects.requireNonNull(description, "description");
            return this;
        }

        /**
         * Tells of shared virtual memory; {@code -} unless told.
         *
         * @param svm the level of shared virtual memory that the driver reports
         * @return this
         */
        public Builder svm(String svm) {
            this.svm = Objects.requireNonNull(svm, "svm");
            return this;
        }

        /**
         * Tells why its memory is used as it is.
         *
         * @param reason why its memory is used that way
         * @return this
         */
        public Builder reason(String reason) {
            this.reason = Objects.requireNonNull(reason, "reason");
            return this;
        }

        /**
         * Tells how bytes get to its memory and back, if not by the CPU.
         *
         * @param copies tells the way, what was measured of it, and why it is taken; asked by any
         *     thread each time that somebody wants to know, so that nothing is read for those who
         *     do not
         * @return this
         */
        public Builder copies(Supplier<String> copies) {
            this.copies = Objects.requireNonNull(copies, "copies");
            return this;
        }

        /**
         * Tells how much it has.
         *
         * @param capacityBytes the bytes that it has, as far as it tells
         * @return this
         */
        public Builder capacityBytes(long capacityBytes) {
            this.capacityBytes = capacityBytes;
            return this;
        }

        /**
         * Tells how much it gives out at once.
         *
         * @param maxExtentBytes the largest allocation in bytes
         * @return this
         */
        public Builder maxExtentBytes(long maxExtentBytes) {
            this.maxExtentBytes = maxExtentBytes;
            return this;
        }

        /**
         * Ranks it among the others; 0 unless told.
         *
         * @param preferred a rank: the device with the highest is what {@code Highpage.open()}
         *     takes
         * @return this
         */
        public Builder preferred(int preferred) {
            this.preferred = preferred;
            return this;
        }

        /** {@return the description} */
        public DeviceInfo build() {
            return new DeviceInfo(this);
        }
    }
}
