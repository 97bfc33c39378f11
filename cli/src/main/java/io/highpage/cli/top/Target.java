// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.top;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.AttachOperationFailedException;
import com.sun.tools.attach.VirtualMachine;

import io.highpage.cli.console.UserError;
import io.highpage.management.HighpageMXBean;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Another JVM, looked into through its MXBeans. It may stop, end or hang at any time, so a thread
 * apart talks with it, and nobody waits for that longer than {@link #PATIENCE_SECONDS}. Confined to
 * one thread.
 */
public final class Target implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20; // attaching alone may take 10

    /** Beans come a second after their runtimes. */
    private static final long BEAN_NANOS = 3_000_000_000L;

    private static final String RUNTIMES = "io.highpage:type=Runtime,*";
    private static final String DIAGNOSTICS = "com.sun.management:type=DiagnosticCommand";
    private static final String RUNTIME_CLASS = "io.highpage.internal.core.PageRuntime";

    private final OtherProcess process;
    private final int most;
    private final ExecutorService talks = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("looks into the other JVM").factory());

    private JMXConnector connector;
    private MBeanServerConnection server;

    @SuppressWarnings("NullAway.Init") // connect() comes first
    private Target(long pid, int most) {
        this.process = new OtherProcess(pid);
        this.most = most;
    }

    /**
     * Attaches to a JVM in which a runtime is open.
     *
     * @param pid its number
     * @param most how many buffers and holders are looked at, of each runtime
     * @throws UserError if there is none, or it cannot be attached to
     */
    public static Target attach(long pid, int most) {
        Target target = new Target(pid, most);
        try {
            target.process.check();
            target.ask(target::connect);
            target.ask(target::awaitRuntime);
            return target;
        } catch (Throwable failure) {
            target.close();
            throw failure;
        }
    }

    /** Asks the other JVM something. {@return what it answers, in time} */
    private <T> T ask(Callable<T> question) {
        try {
            return talks.submit(question).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw UserError.failed("process " + process.pid() + " has not answered for "
                    + PATIENCE_SECONDS + " seconds: it is stopped, or too busy");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw UserError.failed("interrupted");
        } catch (ExecutionException failed) {
            throw told(failed.getCause());
        }
    }

    private UserError told(@Nullable Throwable failure) {
        String who = "process " + process.pid();
        if (failure instanceof UserError user) {
            return user;
        }
        if (failure == null || process.hasEnded()) {
            return UserError.failed(who + " has ended");
        }
        return switch (failure) {
            case AttachNotSupportedException refuses ->
                UserError.failed(
                        who + " cannot be attached to; it may have been started with"
                                + " -XX:+DisableAttachMechanism: "
                                + refuses.getMessage(),
                        refuses);
            case AttachOperationFailedException noAgent ->
                UserError.failed(
                        who + " cannot start its management agent; an image made by jlink needs"
                                + " the modules java.management and jdk.management.agent: "
                                + noAgent.getMessage(),
                        noAgent);
            default -> UserError.failed("cannot look into " + who + ": " + failure, failure);
        };
    }

    private Void connect() throws IOException, AttachNotSupportedException {
        VirtualMachine jvm = VirtualMachine.attach(Long.toString(process.pid()));
        String address;
        try {
            address = jvm.startLocalManagementAgent();
        } finally {
            jvm.detach();
        }
        connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
        server = connector.getMBeanServerConnection();
        return null;
    }

    private List<ObjectName> runtimes() throws IOException, JMException {
        return server.queryNames(new ObjectName(RUNTIMES), null).stream()
                .sorted(Comparator.comparing(ObjectName::getCanonicalName))
                .toList();
    }

    /** Beans come a little later, so one is waited for where there may be one. */
    private Void awaitRuntime() throws IOException, JMException, InterruptedException {
        long start = System.nanoTime();
        while (runtimes().isEmpty()) {
            if (!hasHighpage()) {
                throw UserError.failed("process " + process.pid()
                        + " is a JVM without Highpage, or has not used it yet");
            }
            if (System.nanoTime() - start > BEAN_NANOS) {
                throw UserError.failed("process " + process.pid()
                        + " has Highpage, but no runtime is open in it, or none that tells of"
                        + " itself (-Dhighpage.mxbean=false)");
            }
            Thread.sleep(100);
        }
        return null;
    }

    /** {@return whether a class of Highpage is loaded, if the JVM tells} */
    private boolean hasHighpage() throws IOException, JMException {
        try {
            Object classes = server.invoke(
                    new ObjectName(DIAGNOSTICS),
                    "vmClassHierarchy",
                    new Object[] {new String[] {RUNTIME_CLASS}},
                    new String[] {String[].class.getName()});
            return classes.toString().contains(RUNTIME_CLASS);
        } catch (InstanceNotFoundException untold) {
            return true;
        }
    }

    /**
     * {@return the runtimes as they are now; none where a program is between two of them}
     *
     * @throws UserError if the JVM has ended, or does not answer
     */
    public List<Sample> look() {
        return ask(this::samples);
    }

    private List<Sample> samples() throws IOException, JMException {
        List<Sample> samples = new ArrayList<>();
        for (ObjectName name : runtimes()) {
            HighpageMXBean bean = JMX.newMXBeanProxy(server, name, HighpageMXBean.class);
            try {
                samples.add(Sample.of(bean, most));
            } catch (UndeclaredThrowableException
                    | RuntimeMBeanException
                    | IllegalStateException failure) {
                if (server.isRegistered(name)) {
                    throw unlike(bean, failure);
                }
                // It was closed meanwhile.
            }
        }
        return samples;
    }

    private UserError unlike(HighpageMXBean bean, RuntimeException failure) {
        return UserError.failed(
                "process " + process.pid() + " has another version of Highpage, " + version(bean)
                        + ", which tells other things: use its command",
                failure);
    }

    private static String version(HighpageMXBean bean) {
        try {
            return bean.getVersion();
        } catch (RuntimeException untold) {
            return "which does not say which";
        }
    }

    /** Leaves the other JVM; one that does not answer is left as well. */
    @Override
    public void close() {
        talks.shutdownNow();
        JMXConnector open = connector;
        if (open != null) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    open.close();
                } catch (IOException gone) {
                    // It has left us.
                }
            });
        }
    }
}
