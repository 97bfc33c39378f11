// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.device.DeviceMemory;
import io.highpage.internal.core.PageRuntime;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.RuntimeStatistics;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/**
 * A runtime: the owner of buffers, and of the devices that their pages move to. Thread-safe.
 *
 * <pre>{@code
 * try (Highpage hp = Highpage.open();
 *         PageBuffer buffer = hp.allocate(256L << 20)) {
 *     buffer.prefetch(hp.device());
 *     try (Pin pin = buffer.pin(Pin.longTerm().owner("rx-ring"))) {
 *         MemorySegment stays = pin.segment();
 *     }
 * }
 * }</pre>
 */
public sealed interface Highpage extends AutoCloseable permits PageRuntime {

    /**
     * Opens a runtime on the best device found: an OpenCL GPU, else another OpenCL device, else the
     * built-in host device.
     *
     * @return the runtime
     * @throws IllegalCallerException if Java denies native access; says how to start it
     */
    static Highpage open() {
        return builder().open();
    }

    /** {@return a builder without devices and limits} */
    static Builder builder() {
        return new Builder();
    }

    /** {@return the first device} */
    Device device();

    /** {@return all devices, in the order in which they were given} */
    List<Device> devices();

    /**
     * Allocates a buffer of base pages (usually 4 KiB).
     *
     * @param byteSize length in bytes, at least 1; the last page may be partly used
     * @return the buffer, all of whose pages are absent
     * @throws IllegalArgumentException if the size is out of range
     * @throws OutOfPageMemoryException if the host has no room for the window
     * @throws IllegalStateException if the runtime is closed
     */
    PageBuffer allocate(long byteSize);

    /**
     * Allocates a buffer.
     *
     * @param byteSize length in bytes, at least 1; the last page may be partly used
     * @param pageBytes size of the pages that move and are counted, in bytes: a power of two from
     *     the system's base page to 1 GiB
     * @return the buffer, all of whose pages are absent
     * @throws IllegalArgumentException if a size is out of range
     * @throws OutOfPageMemoryException if the host has no room for the window
     * @throws IllegalStateException if the runtime is closed
     */
    PageBuffer allocate(long byteSize, long pageBytes);

    /**
     * Allocates a buffer, of pages and spans of chosen sizes.
     *
     * @param byteSize length in bytes, at least 1; the last page may be partly used
     * @param how the sizes of pages and spans
     * @return the buffer, all of whose pages are absent
     * @throws IllegalArgumentException if a size is out of range, or spans are smaller than pages
     * @throws OutOfPageMemoryException if the host has no room for the window
     * @throws IllegalStateException if the runtime is closed
     */
    PageBuffer allocate(long byteSize, Allocation how);

    /** {@return the open buffers} */
    List<PageBuffer> buffers();

    /**
     * {@return the budget of the whole runtime, in which {@link #allocate} allocates}. Its limits
     * are those of the {@linkplain #builder() builder}, until they are changed there.
     */
    Budget budget();

    /**
     * Makes a budget for a part of the program, in the runtime's own: see {@link Budget}.
     *
     * @param name for messages; not empty
     * @param bytes the most bytes of host memory, and of each device's, at least 0
     * @return the budget
     * @throws IllegalArgumentException if the name is empty or the limit negative
     * @throws IllegalStateException if the runtime is closed
     */
    Budget budget(String name, long bytes);

    /**
     * {@return what there is and who may take how much of it: the machine, or the control group
     * (container) that is exhausted first; in it the runtime's budget; in that those of the
     * program}. Of the machine the host memory is what it has and what all of its processes use,
     * where the system tells, and a device's is what the device says that it has. A snapshot.
     */
    BudgetInfo budgets();

    /**
     * {@return who holds what: every registered pin, hold and access that is open, and every
     * registration of a buffer's home}. A snapshot; bare pins are not in it.
     */
    List<HolderInfo> holders();

    /** {@return the long-term pins and the registrations of homes among the {@link #holders()}} */
    List<HolderInfo> pins();

    /**
     * {@return the bytes that open pins keep page-locked, each page counted once, however many pins
     * it has}
     */
    long pageLockedBytes();

    /**
     * {@return what it has done since it was opened, and what is open in it} Also of a runtime that
     * is closed. The same is shown by JMX, see {@link io.highpage.management.HighpageMXBean}.
     */
    RuntimeStatistics statistics();

    /**
     * Closes the buffers and the devices: everything, also where some of it fails; the first
     * failure is thrown then, and the others are suppressed in it. A second call goes on with what
     * an error kept from being closed, or does nothing.
     *
     * @throws IllegalStateException if a pin, hold or access is open, or something moves for longer
     *     than a second; the message names what is in the way, and nothing was closed
     * @throws DeviceException if a driver failed; its memory counts as given back
     */
    @Override
    void close();

    /** Says how to open a runtime. Confined to one thread. */
    final class Builder {
        private final List<DeviceMemory> devices = new java.util.ArrayList<>();
        private long deviceMemoryBytes = Long.MAX_VALUE;
        private long hostMemoryBytes = Long.MAX_VALUE;
        private EvictionPolicy policy = PageRuntime.OWN_POLICY;
        private double cleanLow; // 0: nothing is written back ahead
        private double cleanHigh;
        private int threads = Integer.MAX_VALUE; // as many as the process allows
        private @Nullable Boolean checked; // null: as the system property says

        private Builder() {}

        /**
         * Adds a device, at most 63. The runtime owns it from {@link #open()} on and closes it.
         *
         * @param memory a device's memory, which no other runtime uses: {@link #open()} refuses it
         *     else
         * @return this
         */
        public Builder device(DeviceMemory memory) {
            devices.add(Objects.requireNonNull(memory, "memory"));
            return this;
        }

        /**
         * Limits the device memory that buffers may take on each device. Drivers often enforce no
         * total of their own. With 0 every page stays at home, and an access is refused, until
         * there is a {@linkplain Budget#deviceMemory limit} above.
         *
         * @param bytes the most bytes, at least 0
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder deviceMemory(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("deviceMemory=" + bytes + " is negative");
            }
            deviceMemoryBytes = bytes;
            return this;
        }

        /**
         * Limits the host memory that the pages of buffers may take. Without it what the machine,
         * or its control group, has left is the limit, which is asked for as pages get memory.
         *
         * @param bytes the most bytes, at least 0
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder hostMemory(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("hostMemory=" + bytes + " is negative");
            }
            hostMemoryBytes = bytes;
            return this;
        }

        /**
         * Chooses who leaves a device when room is needed there, in place of Highpage's own order.
         *
         * @param choice called by any thread, by several at a time
         * @return this
         */
        public Builder evictionPolicy(EvictionPolicy choice) {
            policy = Objects.requireNonNull(choice, "choice");
            return this;
        }

        /**
         * Writes back ahead: when less of a device than the low mark is free, or could leave
         * without a copy, and nobody else copies to or from it, pages that are only there are
         * copied home by a thread of the runtime, the coldest spans first, until the high mark is
         * reached. They stay where they are; making room then costs no copy. So it is for each
         * {@link Budget}, of whose limit the marks are shares too: who is in one that is full makes
         * room by what is in it. Takes home memory only as far as it is free. Off by default; 0.05
         * and 0.1 are usual.
         *
         * @param low a share of each limit of device memory, above 0
         * @param high the same, above {@code low} and at most 1
         * @return this
         * @throws IllegalArgumentException if they are not
         */
        public Builder writeBackAhead(double low, double high) {
            if (!(low > 0 && low < high && high <= 1)) {
                throw new IllegalArgumentException("writeBackAhead: low=" + low + " and high="
                        + high + " are not shares with 0 < low < high <= 1");
            }
            cleanLow = low;
            cleanHigh = high;
            return this;
        }

        /**
         * Chooses the checked mode, for tests: what happens to be right on a coherent device and is
         * wrong on a private one, or undefined, is refused everywhere. While a device access may
         * write, the CPU neither reads nor writes its pages by the runtime, and while one reads it
         * writes none of them ({@link io.highpage.outcome.PagesBusyException}); what it does
         * through segments of holds and accesses that are open is not seen. Without this it is as
         * {@code -Dhighpage.checked} says, else on in tests that use {@code io.highpage.junit}, and
         * off. Holds, accesses, reads and writes cost a lock more then.
         *
         * @param checks whether it is checked
         * @return this
         */
        public Builder checked(boolean checks) {
            checked = checks;
            return this;
        }

        /**
         * Limits how many threads share a large copy of this runtime, the caller included: with 1
         * the caller copies alone, also what it zeroes, and memory that it gives to pages. That is
         * for programs whose own threads fill the cores, such as executors of tasks: a thread that
         * helps takes a core from one of them. {@code -Dhighpage.threads}, which is the cores and
         * at most 8 unless it is set, is what a runtime takes without this, and never more. What a
         * driver does by itself is not concerned, nor asynchronous operations, whose threads copy
         * like others.
         *
         * @param most the most threads, at least 1
         * @return this
         * @throws IllegalArgumentException if it is less
         */
        public Builder threads(int most) {
            if (most < 1) {
                throw new IllegalArgumentException("threads=" + most
                        + " is less than 1: the thread that calls is one of them, and 1 is it"
                        + " alone");
            }
            threads = most;
            return this;
        }

        /**
         * Opens the runtime, on the best device found if none was added.
         *
         * @return the runtime
         * @throws IllegalArgumentException if more than 63 devices were added, or one that a
         *     runtime uses already
         * @throws IllegalCallerException if Java denies native access; says how to start it
         * @throws IllegalStateException if artifacts of Highpage on the path are of two versions;
         *     names them and where they are
         */
        public Highpage open() {
            boolean checks = checked == null ? PageRuntime.isCheckedUnlessSaid() : checked;
            Highpage opened = PageRuntime.open(devices, deviceMemoryBytes, policy, checks, threads);
            opened.budget().hostMemory(hostMemoryBytes);
            if (cleanLow > 0) {
                ((PageRuntime) opened).writeBackAhead(cleanLow, cleanHigh);
            }
            return opened;
        }
    }
}
