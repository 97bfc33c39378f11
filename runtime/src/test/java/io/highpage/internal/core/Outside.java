// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What misuse needs beside a buffer: a device of another runtime, a buffer that is closed, and
 * another thread.
 */
final class Outside implements AutoCloseable {
    final Device stranger;
    final PageBuffer closedBuffer;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    Outside(AtRest rest, PageRuntime runtime) {
        stranger = rest.open(Scene.device(DeviceKind.COHERENT)).runtime().device();
        closedBuffer = runtime.allocate(3 * Scene.PAGE);
        closedBuffer.close();
    }

    /** Runs something on the other thread. {@return what it threw, or null} */
    Throwable elsewhere(Runnable task) {
        try {
            thread.submit(task).get();
            return null;
        } catch (ExecutionException failed) {
            return failed.getCause();
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
