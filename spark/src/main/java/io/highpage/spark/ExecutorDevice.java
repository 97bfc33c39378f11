// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.Device;
import io.highpage.Highpage;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.internal.os.SignalHandlers;
import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.DeviceRoom;
import io.highpage.pipe.PipePool;

import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An executor's runtime on its one device, that its tasks share. Thread-safe. */
final class ExecutorDevice implements AutoCloseable {
    private final Highpage runtime;
    private final DeviceRoom room;
    private final PipePool pool;
    private final @Nullable KernelPrograms programs; // of OpenCL devices

    private ExecutorDevice(Highpage runtime) {
        this.runtime = runtime;
        room = new DeviceRoom(runtime.budget(), runtime.device());
        pool = new PipePool(room);
        programs = runtime.device().memory() instanceof OpenClDevice device
                ? new KernelPrograms(device)
                : null;
    }

    /**
     * Opens it.
     *
     * @param resources what Spark has given to this executor
     * @param isDriver whether this is the driver's process, for messages
     * @throws RuntimeException if there is no such device, it has not so much memory, or its driver
     *     has taken signals that the JVM needs; says what to do
     */
    static ExecutorDevice open(
            Settings settings, Map<String, ResourceInformation> resources, boolean isDriver) {
        Optional<DeviceAddress> address =
                settings.device().or(() -> given(settings.resource(), resources));
        DeviceInfo info =
                address.map(DeviceAddress::find).orElseGet(() -> Devices.find().getFirst());
        long limit = limit(settings, address.map(DeviceAddress::shares).orElse(1), info);
        Highpage runtime = open(info.open(), limit, settings.threads());
        try {
            if (!settings.acceptsSignals()) {
                checkSignals(info, isDriver);
            }
            return new ExecutorDevice(runtime);
        } catch (RuntimeException | Error refused) {
            runtime.close();
            throw refused;
        }
    }

    private static Highpage open(DeviceMemory memory, long limit, int threads) {
        try {
            return Highpage.builder()
                    .device(memory)
                    .deviceMemory(limit)
                    .threads(threads)
                    .open();
        } catch (RuntimeException | Error failed) {
            memory.close();
            throw failed;
        }
    }

    private static Optional<DeviceAddress> given(
            String name, Map<String, ResourceInformation> resources) {
        @Nullable ResourceInformation resource = resources.get(name);
        if (resource == null) {
            return Optional.empty();
        }
        String where = "spark.executor.resource." + name;
        List<String> addresses = List.of(resource.addresses());
        if (addresses.size() != 1) {
            throw new IllegalArgumentException(where + ".amount: this executor has the devices "
                    + addresses + ", and Highpage keeps one device an executor: set it to 1");
        }
        return Optional.of(DeviceAddress.of("an address of " + where, addresses.getFirst()));
    }

    /** What is absolute wins over a share. */
    private static long limit(Settings settings, int shares, DeviceInfo info) {
        long capacity = info.capacityBytes();
        if (settings.deviceMemory().isPresent()) {
            long limit = settings.deviceMemory().getAsLong();
            if (capacity > 0 && limit > capacity) {
                throw new IllegalArgumentException(Setting.DEVICE_MEMORY.key + "=" + limit
                        + " bytes: the device " + info + " has " + capacity + " bytes");
            }
            return limit;
        }
        if (capacity <= 0 && shares > 1) {
            throw new IllegalArgumentException("the device " + info + " does not tell how much"
                    + " memory it has, so it has no shares: set " + Setting.DEVICE_MEMORY.key);
        }
        return capacity <= 0 ? Long.MAX_VALUE : capacity / shares;
    }

    private static void checkSignals(DeviceInfo info, boolean isDriver) {
        SignalHandlers.Report report = SignalHandlers.report();
        if (report.libjsig() || report.taken().isEmpty()) {
            return;
        }
        String library = System.getProperty("java.home") + "/lib/libjsig.so";
        throw new IllegalStateException("The driver of " + info + " took signals that the JVM"
                + " needs: an integer division by zero in a task may give a wrong result in"
                + " silence. Add --conf spark.executorEnv.LD_PRELOAD=" + library
                + (isDriver ? ", or in local mode start Java with LD_PRELOAD=" + library : "")
                + ". To go on all the same: --conf " + Setting.SIGNALS.key + "=accept");
    }

    Highpage runtime() {
        return runtime;
    }

    Device device() {
        return runtime.device();
    }

    /** {@return the device's memory, which tasks reserve} */
    DeviceRoom room() {
        return room;
    }

    /** {@return the pipes that tasks lease, which have their memory in the room too} */
    PipePool pool() {
        return pool;
    }

    /**
     * {@return the kernels that tasks have compiled}
     *
     * @throws RefusedException if the device runs none
     */
    KernelPrograms programs() {
        if (programs == null) {
            throw new RefusedException("the device " + device().name() + " runs no OpenCL C: "
                    + Setting.DEVICE.key + " is to name an OpenCL device");
        }
        return programs;
    }

    /**
     * Closes the pipes and the runtime.
     *
     * @throws IllegalStateException if something in it is still in use; names it
     */
    @Override
    public void close() {
        pool.close();
        if (programs != null) {
            programs.close();
        }
        runtime.close();
    }
}
