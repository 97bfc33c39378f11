// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All that one token needs on the device: it is there together, or not at all. */
final class Accesses implements AutoCloseable {
    private static final Terms TERMS =
            Terms.defaults().owner("cache: a token").deadline(Duration.ofSeconds(30));

    private final Device device;
    private final List<DeviceAccess> open = new ArrayList<>();

    Accesses(Device device) {
        this.device = device;
    }

    DeviceAccess of(PageRange range, AccessMode mode) {
        DeviceAccess access = range.access(TERMS.mode(mode), device);
        open.add(access);
        return access;
    }

    List<DeviceAccess> read(List<? extends PageRange> ranges) {
        return ranges.stream().map(range -> of(range, AccessMode.READ)).toList();
    }

    /** Waits for the kernels that use them. */
    @Override
    public void close() {
        RuntimeException failure = null;
        for (DeviceAccess access : open.reversed()) {
            try {
                access.close();
            } catch (RuntimeException failed) {
                failure = add(failure, failed);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException add(@Nullable RuntimeException first, RuntimeException next) {
        if (first == null) {
            return next;
        }
        first.addSuppressed(next);
        return first;
    }
}
