// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.management;

import io.highpage.internal.log.Log;
import io.highpage.management.HighpageMXBean;

import org.jspecify.annotations.Nullable;

import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A runtime's bean, which the platform's MBean server gets a second after it was opened: making the
 * server takes tens of milliseconds, and a program's first use, or a program that ends at once, has
 * no need of it. Once the process has it, beans come at once. The bean is referred to weakly, so
 * that a runtime which nobody has any more can go. Whatever fails here, as the server may by which
 * a program has replaced the JDK's, costs the bean and not the runtime. Thread-safe.
 */
public final class Listing implements Runnable {
    private static final String WHEN = "highpage.mxbean";
    private static final long DELAY_SECONDS = 1;

    /** A bean of this library was registered: nothing is left to be made. */
    private static volatile boolean serverIsThere;

    private final String name;
    private final WeakReference<HighpageMXBean> bean;
    private boolean ended; // under this lock, as the next one
    private @Nullable Runnable registered; // ends that; null while it is not

    /**
     * Nothing is registered yet.
     *
     * @param name the runtime's
     * @param bean the runtime keeps it for as long as it lives
     */
    public Listing(String name, HighpageMXBean bean) {
        this.name = name;
        this.bean = new WeakReference<>(bean);
    }

    /** The runtime has been opened. */
    public void begin() {
        String when = System.getProperty(WHEN, "");
        if (when.equals("false")
                || ModuleLayer.boot().findModule("java.management").isEmpty()) {
            return;
        }
        if (serverIsThere || when.equals("now")) {
            run();
            return;
        }
        runLater();
    }

    /**
     * The JDK may have to make its thread for that, which lives as long as the process and keeps
     * the context class loader of whoever was first: it must not be a program's, which may end
     * before.
     */
    private void runLater() {
        Thread caller = Thread.currentThread();
        ClassLoader programs = caller.getContextClassLoader();
        try {
            caller.setContextClassLoader(null);
            CompletableFuture.delayedExecutor(DELAY_SECONDS, TimeUnit.SECONDS).execute(this);
        } catch (Throwable noThread) {
            tell("the runtime has no MXBean", noThread);
        } finally {
            caller.setContextClassLoader(programs);
        }
    }

    /** Registers it, unless the runtime has been closed or left. */
    @Override
    public synchronized void run() {
        if (ended || bean.refersTo(null)) {
            return;
        }
        try {
            registered = PlatformBeans.register(name, bean);
            serverIsThere = true;
        } catch (Throwable failure) {
            tell("the runtime has no MXBean", failure);
        }
    }

    private void tell(String what, Throwable failure) {
        Log.warn(Listing.class, name, what, failure);
    }

    /** The runtime has been closed. */
    public synchronized void end() {
        ended = true;
        Runnable listed = registered;
        registered = null;
        if (listed != null) {
            try {
                listed.run();
            } catch (Throwable failure) { // who asks the bean hears that the runtime is gone
                tell("the runtime is still listed by its MXBean", failure);
            }
        }
    }
}
