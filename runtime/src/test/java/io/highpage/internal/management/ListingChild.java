// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.management;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.management.HighpageMXBean;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.RuntimeStatistics;
import io.highpage.testkit.Eventually;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MBeanServerBuilder;
import javax.management.MBeanServerDelegate;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;

/** A child JVM that opens runtimes, and prints which beans there are. */
public final class ListingChild {
    private ListingChild() {}

    /** Does the step that the argument names. */
    public static void main(String[] step) throws Exception {
        switch (step[0]) {
            case "tells" -> tells();
            case "later" -> later();
            case "closes before" -> {
                open().close();
                Thread.sleep(1500); // longer than it takes to come
                print("closed");
            }
            case "never" -> {
                try (Highpage runtime = open()) {
                    Thread.sleep(1500);
                    print("never");
                }
            }
            case "two copies" -> twoCopies();
            case "left" -> left();
            case "fails" -> {
                System.setProperty("javax.management.builder.initial", Failing.class.getName());
                for (int i = 0; i < 2; i++) {
                    open().close();
                    System.out.println("opened and closed");
                }
            }
            default -> throw new IllegalArgumentException(step[0]);
        }
    }

    private static Highpage open() {
        return Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
    }

    /** Apart, so that it is loaded when it is used. */
    private static final class Server {
        private Server() {}

        static TreeSet<String> names() throws JMException {
            TreeSet<String> names = new TreeSet<>();
            ManagementFactory.getPlatformMBeanServer()
                    .queryNames(new ObjectName("io.highpage:*"), null)
                    .forEach(name -> names.add(name.toString()));
            return names;
        }

        static boolean isEmpty() {
            try {
                return names().isEmpty();
            } catch (JMException impossible) {
                throw new AssertionError(impossible);
            }
        }

        static HighpageMXBean bean() throws JMException {
            return JMX.newMXBeanProxy(
                    ManagementFactory.getPlatformMBeanServer(),
                    new ObjectName(names().first()),
                    HighpageMXBean.class);
        }
    }

    /** Makes a server at whose calls heap and program fail: first at lists, then at their ends. */
    public static final class Failing extends MBeanServerBuilder {
        @Override
        public MBeanServer newMBeanServer(
                String domain, MBeanServer outer, MBeanServerDelegate delegate) {
            MBeanServer real = super.newMBeanServer(domain, outer, delegate);
            AtomicInteger lists = new AtomicInteger();
            return (MBeanServer) Proxy.newProxyInstance(
                    MBeanServer.class.getClassLoader(),
                    new Class<?>[] {MBeanServer.class},
                    (proxy, method, arguments) -> {
                        boolean ours = arguments != null
                                && arguments[arguments.length - 1] instanceof ObjectName name
                                && name.getDomain().equals("io.highpage");
                        String call = method.getName();
                        if (ours && call.equals("registerMBean") && lists.getAndIncrement() == 0) {
                            throw new OutOfMemoryError("for a test");
                        }
                        if (ours && call.equals("unregisterMBean")) {
                            throw new IllegalStateException("for a test");
                        }
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException failed) {
                            throw failed.getCause();
                        }
                    });
        }
    }

    private static void print(String when) throws Exception {
        System.out.println(when + " " + Server.names());
    }

    private static void tells() throws Exception {
        try (Highpage runtime = open();
                PageBuffer buffer = runtime.allocate(1 << 20)) {
            print("at once");
            buffer.fill((byte) 1);
            buffer.range(0, 8192).prefetch(runtime.device());
            try (Pin pin =
                    buffer.range(0, 4096).pin(Pin.longTerm().owner("ring").mode(AccessMode.READ))) {
                System.out.println("the same: " + isSame(Server.bean(), runtime));
            }
            try {
                Server.bean().buffers(-1);
            } catch (IllegalArgumentException | RuntimeMBeanException refused) {
                Throwable why = refused.getCause() == null ? refused : refused.getCause();
                System.out.println("refused: " + why.getMessage());
            }
            System.clearProperty("highpage.mxbean");
            Highpage second = open();
            print("then at once");
            second.close();
        }
        print("closed");
    }

    private static boolean isSame(HighpageMXBean bean, Highpage runtime) {
        RuntimeStatistics told = runtime.statistics();
        DeviceTraffic traffic = told.devices().get(runtime.device().name());
        return bean.getName().equals(told.name())
                && bean.getDevices().getFirst().bytesIn() == traffic.bytesIn()
                && traffic.bytesIn() == 8192
                && bean.getMovedBytes().equals(told.movedBytes())
                && bean.getBudgets().getFirst().usedBytes() == 1 << 20
                && bean.getOpenHolders().equals(Map.of("pin", 1, "hold", 0, "access", 0, "home", 0))
                && bean.holders(5).getFirst().owner().equals("ring")
                && bean.holders(0).isEmpty()
                && bean.buffers(5).getFirst().tiers().get(1).bytes() == 8192
                && bean.buffers(5).getFirst().tiers().getFirst().cleanBytes() == 8192;
    }

    /** Classes that are loaded are printed in between. */
    private static void later() throws Exception {
        long start = System.nanoTime();
        try (Highpage runtime = open();
                PageBuffer buffer = runtime.allocate(1 << 20)) {
            buffer.prefetch(runtime.device());
            boolean inTime = System.nanoTime() - start < 900_000_000;
            System.out.println(inTime ? "step opened" : "step late");
            Eventually.becomes("there is a bean", () -> !Server.isEmpty());
        }
    }

    /** Names no class of the module that may be missing. */
    static final class Without {
        private Without() {}

        public static void main(String[] arguments) throws InterruptedException {
            try (Highpage runtime =
                    Highpage.builder().device(HostDevice.coherent(1 << 20)).open()) {
                Thread.sleep(1500);
                boolean without =
                        ModuleLayer.boot().findModule("java.management").isEmpty();
                System.out.println(
                        "works without: " + (without && runtime.statistics().waits() == 0));
            }
        }
    }

    private static void twoCopies() throws Exception {
        AutoCloseable first = copy();
        AutoCloseable second = copy();
        print("two");
        second.close();
        first.close();
        print("closed");
    }

    /** {@return a runtime of a copy of the library of its own} */
    private static AutoCloseable copy() throws Exception {
        URL[] path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(ListingChild::url)
                .toArray(URL[]::new);
        ClassLoader loader =
                new URLClassLoader(path, ClassLoader.getSystemClassLoader().getParent());
        return (AutoCloseable) loader.loadClass(ListingChild.class.getName())
                .getMethod("openHere")
                .invoke(null);
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new AssertionError(entry, impossible);
        }
    }

    /** {@return a runtime of the copy that this class is of} */
    public static AutoCloseable openHere() {
        return open();
    }

    /** The bean of a runtime that nobody has any more. */
    private static void left() throws Exception {
        HighpageMXBean told = (HighpageMXBean) Proxy.newProxyInstance(
                HighpageMXBean.class.getClassLoader(),
                new Class<?>[] {HighpageMXBean.class},
                (proxy, method, arguments) -> 7L);
        WeakReference<HighpageMXBean> weak = new WeakReference<>(told);
        new Listing("left", told).begin();
        HighpageMXBean bean = Server.bean();
        System.out.println("there: " + bean.getWaits());
        told = null;
        Eventually.becomes("it is gone", () -> {
            System.gc();
            return weak.refersTo(null);
        });
        try {
            System.out.println("not gone: " + bean.getWaits());
        } catch (IllegalStateException | RuntimeMBeanException gone) {
            Throwable why = gone.getCause() == null ? gone : gone.getCause();
            System.out.println("gone: " + why.getMessage());
        }
        print("left");
    }
}
