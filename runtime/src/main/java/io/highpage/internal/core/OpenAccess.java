// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.device.Completion;
import io.highpage.device.DeviceView;
import io.highpage.internal.close.Closes;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.log.ThreadWords;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.AccessEndEvent;
import io.highpage.internal.telemetry.AccessEvent;
import io.highpage.internal.telemetry.Told;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A device access. A close waits for kernels of {@link #use} and lets nobody tell of work
 * meanwhile, so that no work is accepted that it would not await.
 */
public final class OpenAccess extends RangeHolder implements DeviceAccess {
    static final String KIND = "access";

    private static final VarHandle LATER;
    private static final VarHandle MADE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            LATER = lookup.findVarHandle(OpenAccess.class, "later", LaterClose.class);
            MADE = lookup.findVarHandle(OpenAccess.class, "made", Made.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** The accesses whose memory the calling thread is using. */
    private static final ScopedValue<List<OpenAccess>> USED_HERE = ScopedValue.newInstance();

    private final DeviceSlot device;
    private final DeviceView view;
    private final Uses uses = new Uses();
    private final Queue<Completion> completions = new ConcurrentLinkedQueue<>();
    private volatile @Nullable LaterClose later; // a close that no thread waits in
    private volatile @Nullable Made<?> made; // over this memory, last one first
    private volatile boolean told;
    // What failed of the work that has ended; of whoever closes.
    private @Nullable Throwable failed;

    /** What the close gives back. */
    private static final class Made<T> implements Runnable {
        final Consumer<? super T> release;

        @Nullable
        Made<?> before;

        @SuppressWarnings("NullAway.Init") // made before anybody sees it
        T thing;

        Made(Consumer<? super T> release) {
            this.release = release;
        }

        @Override
        public void run() {
            release.accept(thing);
        }
    }

    /** Wraps counts, a view and a slot that have been taken. */
    OpenAccess(
            ManagedRange range, Terms terms, DeviceSlot device, DeviceView view, HolderSlot slot) {
        super(range, terms, arena(terms), null, slot);
        this.device = device;
        this.view = view;
    }

    /** {@return the access, which is whole, after telling of it} */
    static OpenAccess told(@Nullable AccessEvent event, OpenAccess access) {
        if (event != null) {
            access.tell(event);
        }
        return access;
    }

    private void tell(AccessEvent event) {
        time();
        fill(event);
        event.device = device.name();
        event.tell();
    }

    @Override
    @Nullable
    Told ending() {
        AccessEndEvent event = AccessEndEvent.made();
        if (event != null) {
            fill(event);
            event.device = device.name();
            event.heldTime = heldNanos();
        }
        return event;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public MemorySegment segment() {
        checkOpen();
        return madeSegment();
    }

    @Override
    MemorySegment newSegment() {
        return scoped(memory(), arena());
    }

    @Override
    public long address() {
        checkOpen();
        return memory().address();
    }

    private MemorySegment memory() {
        MemorySegment memory = view.segment();
        if (memory == null) {
            throw new UnsupportedOperationException("device " + device
                    + " has no pointers: use handle() (" + device.memory().description() + ")");
        }
        return memory;
    }

    @Override
    public MemorySegment handle() {
        checkOpen();
        MemorySegment handle = view.handle();
        if (handle == null) {
            throw new UnsupportedOperationException("device " + device
                    + " hands out pointers: use segment() (" + device.memory().description() + ")");
        }
        return handle;
    }

    /** Stands among the work for an argument of a kernel, of whose work it is not told yet. */
    private record Given(String argument) implements Completion {
        @Override
        public void await() {
            // it is no work
        }
    }

    @Override
    public void completesWith(Completion completion) {
        Objects.requireNonNull(completion, "completion");
        enter();
        try {
            completions.add(completion);
            told = true;
        } finally {
            uses.leave();
        }
    }

    @Override
    public <T> T make(Supplier<? extends T> maker, Consumer<? super T> release) {
        // First: there may be no memory for it afterwards.
        Objects.requireNonNull(maker, "maker");
        Made<T> kept = new Made<>(Objects.requireNonNull(release, "release"));
        use(() -> {
            kept.thing = maker.get();
            do {
                kept.before = made;
                // ORD volatile: of several threads each adds one; pairs with releaseOutside().
            } while (!MADE.compareAndSet(this, kept.before, kept));
        });
        return kept.thing;
    }

    @Override
    public void givenTo(String argument) {
        Given given = new Given(Objects.requireNonNull(argument, "argument"));
        enter();
        try {
            if (isChecked()) {
                completions.add(given);
            }
        } finally {
            uses.leave();
        }
    }

    @Override
    public boolean hasWork() {
        return told;
    }

    @Override
    public boolean isChecked() {
        return range.buffer().isChecked();
    }

    /** A close is refused from inside, where it would wait for itself. */
    @Override
    public void use(Runnable user) {
        Objects.requireNonNull(user, "user");
        enter();
        try {
            List<OpenAccess> inside = new ArrayList<>(usedHere());
            inside.add(this);
            ScopedValue.where(USED_HERE, inside).run(user);
        } finally {
            uses.leave();
        }
    }

    private static List<OpenAccess> usedHere() {
        return USED_HERE.orElse(List.of());
    }

    private void enter() {
        if (usedHere().contains(this)) {
            uses.enterAgain(); // a close waits for this thread: the access is open
            return;
        }
        if (later != null || !uses.tryEnter()) {
            throw new IllegalStateException(this + " is being closed");
        }
        if (!isOpen()) {
            uses.leave();
            checkOpen();
        }
    }

    @Override
    String kind() {
        return KIND;
    }

    @Override
    public void close() {
        if (!isOpen()) {
            return;
        }
        StackRoom.checkLong();
        checkCloser();
        if (usedHere().contains(this)) {
            throw new IllegalStateException(
                    this + " cannot close: a kernel that this thread runs is using it");
        }
        if (uses.isClosedHere()) {
            throw new IllegalStateException(
                    this + " is being closed by this thread, which waits for its work");
        }
        uses.beginClose();
        Throwable failure = null;
        try {
            super.close();
        } catch (Throwable failed) {
            failure = failed;
            throw failed;
        } finally {
            uses.endClose();
            LaterClose waiting = later;
            if (waiting != null && !isOpen()) {
                waiting.over(failure); // it need not wait for what its work says any more
            }
        }
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        if (!terms.isShared()) {
            throw new IllegalStateException(this + " is confined to thread "
                    + ThreadWords.of(thread) + ": close it there, or take it with Terms.shared()");
        }
        StackRoom.checkLong();
        LaterClose made = new LaterClose(this);
        // ORD volatile: one close waits, and nobody tells of work from then on; pairs with enter().
        LaterClose before = (LaterClose) LATER.compareAndExchange(this, null, made);
        if (before != null) {
            return before.future();
        }
        if (!isOpen()) {
            made.over(null);
            return made.future();
        }
        try {
            made.begin(completions);
        } catch (Throwable failure) {
            goesOn(made);
            made.over(failure);
            throw failure;
        }
        return made.future();
    }

    /** A close has failed that no thread waited in: the access can be used on, if it is open. */
    void goesOn(LaterClose failed) {
        if (isOpen()) {
            // ORD volatile: the next one may begin; pairs with closeAsync().
            LATER.compareAndSet(this, failed, null);
        }
    }

    /**
     * {@return whether it has no other work than this, and nobody is inside who may tell of more}
     */
    boolean hasOnly(Set<Completion> known) {
        return uses.isFree() && known.containsAll(completions);
    }

    /** Closes one that nobody has seen: no work can be on it, and none is waited for. */
    void closeUnseen() {
        told = true;
        close();
    }

    @Override
    @Nullable
    Throwable quiesce() {
        if (!told) {
            await(device.memory()::quiesce);
        }
        Given untold = null;
        // Removed only when it has ended: a close that could not find out awaits it again.
        for (Completion next = completions.peek(); next != null; next = completions.peek()) {
            untold = next instanceof Given given ? given : null;
            await(next);
            completions.remove();
        }
        if (untold != null) {
            failed = Closes.first(failed, notTold(untold));
        }
        return failed;
    }

    private IllegalStateException notTold(Given given) {
        return new IllegalStateException(this + " was given to a kernel as " + given.argument()
                + " and then told of no work: its close could wait for the queue of " + device
                + " only, and pages may have moved under a kernel on another; launch by the"
                + " bridge's launch, or tell it with completesWith(event, access) (the runtime is"
                + " checked; the access is closed all the same)");
    }

    /**
     * Work that returns or throws has ended; all but an error, and a wait that could not find out.
     */
    private void await(Completion work) {
        try {
            work.await();
        } catch (DeviceWaitException unknown) {
            throw unknown;
        } catch (RuntimeException failure) {
            device.note(failure);
            failed = Closes.first(failed, failure);
        }
    }

    @Override
    boolean isOutside() {
        return true;
    }

    @Override
    void releaseOutside() {
        for (Made<?> last = made; last != null; last = last.before) {
            giveBack(last);
            made = last.before; // not after an error: the next close goes on with it
        }
        giveBack(view.release());
        Closes.rethrow(failed);
    }

    private void giveBack(Runnable release) {
        try {
            release.run();
        } catch (StackOverflowError | OutOfMemoryError again) {
            throw again; // memory or stack was short; it was not the release that failed
        } catch (RuntimeException | Error told) {
            failed = Closes.first(failed, told);
        }
    }

    @Override
    void releasePages() {
        range.buffer().releaseUse(Verb.access(terms.mode()), device.id(), range);
    }
}
