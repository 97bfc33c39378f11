// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.management;

import io.highpage.management.HighpageMXBean;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/** The platform's MBean server, which is made when it is first asked for. */
final class PlatformBeans {
    private static final String PREFIX = "io.highpage:type=Runtime,name=";

    private PlatformBeans() {}

    /** {@return what takes the bean out again, which may be repeated} */
    static Runnable register(String name, WeakReference<HighpageMXBean> bean) throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (int copy = 1; ; copy++) {
            // Another copy of the library, of another class loader, counts its runtimes itself.
            ObjectName full = new ObjectName(PREFIX + name + (copy == 1 ? "" : ",copy=" + copy));
            Runnable end = () -> unregister(server, full);
            HighpageMXBean weak = (HighpageMXBean) Proxy.newProxyInstance(
                    HighpageMXBean.class.getClassLoader(),
                    new Class<?>[] {HighpageMXBean.class},
                    new Weak(bean, full, end));
            try {
                server.registerMBean(new StandardMBean(weak, HighpageMXBean.class, true), full);
                return end;
            } catch (InstanceAlreadyExistsException taken) {
                // The next number.
            }
        }
    }

    private static void unregister(MBeanServer server, ObjectName full) {
        try {
            server.unregisterMBean(full);
        } catch (InstanceNotFoundException gone) {
            // Somebody else took it out.
        } catch (JMException impossible) {
            throw new AssertionError(full.toString(), impossible);
        }
    }

    /** A bean of a runtime that may have gone without a close, and with it then. */
    private record Weak(WeakReference<HighpageMXBean> bean, ObjectName full, Runnable end)
            implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
                throws Throwable {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> arguments != null && arguments[0] == proxy;
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> full.toString();
                };
            }
            HighpageMXBean there = bean.get();
            if (there == null) {
                end.run();
                throw new IllegalStateException(
                        "the runtime was left without being closed, and is gone");
            }
            try {
                return method.invoke(there, arguments);
            } catch (InvocationTargetException failed) {
                throw failed.getCause();
            }
        }
    }
}
