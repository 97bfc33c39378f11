// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.outcome.DeviceLostException;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/** A device that goes away at the next copy from it. */
final class LosableDevice {
    private LosableDevice() {}

    static DeviceMemory of(DeviceMemory device, AtomicBoolean lost) {
        return proxy(DeviceMemory.class, (method, arguments) -> {
            Object result = call(device, method, arguments);
            return result instanceof Extent extent ? losable(extent, lost) : result;
        });
    }

    private static Extent losable(Extent extent, AtomicBoolean lost) {
        return proxy(Extent.class, (method, arguments) -> {
            if (lost.get() && method.getName().equals("copyOut")) {
                throw new DeviceLostException("the device was taken away", null);
            }
            return call(extent, method, arguments);
        });
    }

    @FunctionalInterface
    private interface Calls {
        Object make(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> calls.make(method, arguments)));
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }
}
