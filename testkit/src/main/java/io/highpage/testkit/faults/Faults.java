// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.faults;

import io.highpage.device.DeviceMemory;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.OutOfPageMemoryException;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Says which call of a driver or of the kernel fails, takes long or lies, and how.
 * {@link FaultyDevice} and {@link FaultyHostMemory} ask before each call. Thread-safe.
 */
public final class Faults {

    /** The calls that it can happen to. */
    public enum Call {
        ALLOCATE,
        COPY_IN,
        COPY_OUT,
        ZERO,
        VIEW,
        FREE,
        QUIESCE,
        RELEASE,
        MAP,
        COMMIT,
        DISCARD,
        LOCK,
        UNLOCK,
        UNMAP;

        boolean isDevice() {
            return ordinal() < MAP.ordinal();
        }
    }

    /** What a call does instead of its work, or before or after it. */
    @FunctionalInterface
    public interface Action {
        /** Throws, and the work is not done; or returns, and it is. */
        void instead(Call call);

        /** Called when the work is done. */
        default void afterwards(Call call) {}
    }

    private static final Action NOTHING = call -> {};

    /**
     * The call fails as its contract says: out of memory where memory is asked for, else a driver
     * error.
     */
    public static final Action FAIL = call -> {
        if (call == Call.ALLOCATE || !call.isDevice()) {
            throw new OutOfPageMemoryException(
                    "injected: no memory at " + call, call == Call.ALLOCATE, 1, null);
        }
        throw new DeviceException("injected: error -5 (CL_OUT_OF_RESOURCES) at " + call, null);
    };

    /**
     * The driver call fails; where it asks for memory this is an error of another kind than having
     * none.
     */
    public static final Action ERROR = call -> {
        if (!call.isDevice()) {
            FAIL.instead(call);
        }
        throw new DeviceException(
                "injected: error -36 (CL_INVALID_COMMAND_QUEUE) at " + call, null);
    };

    /** The device goes away, for good. */
    public static final Action LOSE = call -> {
        if (!call.isDevice()) {
            FAIL.instead(call);
        }
        throw new DeviceLostException("injected: device lost at " + call, null);
    };

    /** Code that breaks its contract. */
    public static final Action BUG = call -> {
        throw new IllegalStateException("injected: a bug at " + call);
    };

    /** The call ends with an error that is no exception, as for want of memory. */
    public static final Action THROW_ERROR = call -> {
        throw new InjectedError(call);
    };

    /** What {@link #THROW_ERROR} throws. */
    public static final class InjectedError extends VirtualMachineError {
        private static final long serialVersionUID = 1;

        InjectedError(Call call) {
            super("injected: an Error at " + call);
        }
    }

    /** A false alarm: the device says once that it is gone, and then works as before. */
    public static final Action LOSE_ONCE = LOSE::instead;

    /** The call does its work and says that it failed. */
    public static final Action FAIL_DONE = new Action() {
        @Override
        public void instead(Call call) {
            // Its work first.
        }

        @Override
        public void afterwards(Call call) {
            FAIL.instead(call);
        }
    };

    /** Somebody interrupts the thread during the call, which works. */
    public static final Action INTERRUPT = call -> Thread.currentThread().interrupt();

    /** The call takes its time, and works. */
    public static Action slow(Duration time) {
        return call -> {
            try {
                Thread.sleep(time);
            } catch (InterruptedException interrupted) {
                throw new AssertionError("nobody interrupts a slow call", interrupted);
            }
        };
    }

    private final AtomicInteger calls = new AtomicInteger();
    private volatile int failAt = Integer.MAX_VALUE;
    private volatile Action action = FAIL;
    private volatile Set<Call> which = EnumSet.allOf(Call.class);
    private volatile Call hit;
    private volatile Object callee;
    private volatile Object lost;

    /** From now on the {@code n}-th call, counted from 1, does {@code what} instead. */
    public void arm(int n, Action what) {
        arm(n, what, EnumSet.allOf(Call.class));
    }

    /** From now on the {@code n}-th of some calls does {@code what} instead. */
    public void arm(int n, Action what, Set<Call> of) {
        calls.set(0);
        hit = null;
        which = of;
        action = what;
        failAt = n;
    }

    /** Nothing happens any more, unless the device is lost. */
    public void disarm() {
        failAt = Integer.MAX_VALUE;
    }

    /** {@return the calls made so far, or since it was last armed} */
    public int calls() {
        return calls.get();
    }

    /** {@return the call that the action was done at, or null} */
    public Call hit() {
        return hit;
    }

    /** {@return the device or host that was called then} */
    public Object callee() {
        return callee;
    }

    /** From now on every call to a device says that it is gone. */
    public void lose(Object callee) {
        lost = callee;
    }

    /**
     * Called before each call to a device or the host. {@return what is to be told when its work is
     * done}
     */
    Action before(Call call, Object of) {
        if (lost == of) {
            LOSE.instead(call);
        }
        if (!which.contains(call) || calls.incrementAndGet() != failAt) {
            return NOTHING;
        }
        hit = call;
        if (action == LOSE && call.isDevice()) {
            lost = of;
        }
        callee = of;
        FaultInjectedEvent event = new FaultInjectedEvent();
        try {
            action.instead(call);
        } catch (Throwable failure) {
            event.failure = failure.toString();
            throw failure;
        } finally {
            event.device = of instanceof DeviceMemory device ? device.name() : "host";
            event.step = call.name();
            event.commit();
        }
        return action;
    }
}
