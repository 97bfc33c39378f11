// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.pipe.DeviceRoom;
import io.highpage.pipe.PipePool;
import io.highpage.pipe.PipeShape;

import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an attempt of a task has of its executor's device: room, buffers, pins, accesses and pipes
 * that are named after the attempt. The task closes them; what it has not closed when it ends is
 * closed then, on its own thread, whether it succeeded, failed or was killed. Of a task that
 * succeeded it is reported to the driver as a leak.
 *
 * <pre>{@code
 * rdd.mapPartitions(rows -> {
 *     TaskPages task = TaskPages.ofThisTask();
 *     try (PageBuffer buffer = task.allocate(16L << 20);
 *             Pin pin = task.pin(buffer, Pin.longTerm())) {
 *         ...
 *     }
 * });
 * }</pre>
 *
 * <p>Thread-safe: the threads that a task has started may use it too. What they take for themselves
 * only (a pin that is not {@linkplain Terms#shared() shared}) they also have to close.
 */
public final class TaskPages implements AutoCloseable {
    private static final StackWalker WALKER =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    /** So many are looked through for closed ones, at least. */
    private static final int SWEEP_LEAST = 64;

    private final HighpageExecutor executor;
    private final TaskContext context;
    private final String owner;

    /** For room. Guarded by itself: who kills the task must not wait for what it closes. */
    private final Set<Thread> waiting = new HashSet<>();

    // Guarded by this.
    private final Deque<Opened> open = new ArrayDeque<>();
    private int sweepAt = SWEEP_LEAST;
    private @Nullable Budget budget;
    private DeviceRoom.@Nullable Reservation room; // whose budget it is then
    private boolean isReserving; // one of the task's threads waits for room
    private boolean isEnded;

    TaskPages(HighpageExecutor executor, TaskContext context) {
        this.executor = executor;
        this.context = context;
        owner = owner(context);
    }

    /**
     * {@return what the task has that this thread runs, the same one each time until it is closed}
     *
     * @throws IllegalStateException if this thread runs no task, the executor has no plugin, ends,
     *     or has lost its device; says what to do
     */
    public static TaskPages ofThisTask() {
        TaskContext context = TaskContext.get();
        if (context == null) {
            throw new IllegalStateException("this thread runs no task of Spark: call"
                    + " TaskPages.ofThisTask() in a function that an executor runs, and give what"
                    + " it returns to other threads of the task");
        }
        return HighpageExecutor.current().pagesOf(context);
    }

    /**
     * {@return what a scan has in the task that this thread runs} Not the program's, which may
     * close its own between two rows: the batch that it reads has to stay.
     */
    static TaskPages ofScan() {
        return HighpageExecutor.current().pagesOfScan(TaskContext.get());
    }

    /** {@return the executor's runtime, for what this class does not do; not to be closed} */
    public Highpage runtime() {
        return executor.device().runtime();
    }

    /** {@return the executor's device} */
    public Device device() {
        return executor.device().device();
    }

    /**
     * {@return the kernels that this executor has compiled}
     *
     * @throws RefusedException if its device runs none
     */
    KernelPrograms programs() {
        return executor.device().programs();
    }

    /** {@return whose all of it is, such as {@code stage 1.0 partition 3 attempt 0 (tid 7)}} */
    public String owner() {
        return owner;
    }

    // ---- what a task takes ----

    /**
     * Reserves room on the device: waits for it behind the tasks that asked before, and ends with a
     * kill of the task. What is {@linkplain #allocate allocated} from now on has its device memory
     * there. The room is given back when the task ends, or this is closed. Once, and all of it: who
     * has some and waits for more may wait for somebody who does the same.
     *
     * @param deviceBytes how many bytes, at least 1
     * @param limit the longest wait
     * @throws OutOfPageMemoryException if the executor never has so much, which is told at once, or
     *     not in time; says who has what
     * @throws InterruptedException if the task was killed meanwhile
     * @throws IllegalStateException if it has been called before, something was allocated before,
     *     this is closed, or the task has ended
     */
    public void reserve(long deviceBytes, Duration limit) throws InterruptedException {
        synchronized (this) {
            checkOpen();
            if (budget != null || isReserving) {
                throw reservedBefore();
            }
            isReserving = true;
        }
        DeviceRoom.@Nullable Reservation mine = null;
        try {
            mine = waiting(() -> executor.device().room().reserve(owner, deviceBytes, limit));
        } finally {
            synchronized (this) {
                isReserving = false;
                if (mine != null && !isEnded && budget == null) {
                    room = mine;
                    budget = mine.budget();
                    mine = null;
                }
            }
        }
        if (mine != null) { // what another thread of the task did meanwhile was first
            mine.close();
            throw isEnded() ? ended() : reservedBefore();
        }
    }

    private synchronized boolean isEnded() {
        return isEnded;
    }

    private IllegalStateException reservedBefore() {
        return new IllegalStateException(owner + " has reserved or allocated before:"
                + " reserve once, all of it, before anything is allocated");
    }

    /**
     * Leases a pipe from the executor's pool, and waits for its room as long as
     * {@code spark.highpage.wait} says.
     *
     * @param shape which
     * @return the lease; given back with the task at the latest
     * @throws OutOfPageMemoryException if the executor never has so much room, or not in time
     * @throws InterruptedException if the task was killed meanwhile
     * @throws IllegalStateException if this is closed, or the task has ended
     */
    public PipePool.Lease lease(PipeShape shape) throws InterruptedException {
        return lease(shape, executor.settings().roomWait());
    }

    /**
     * Leases a pipe from the executor's pool.
     *
     * @param shape which
     * @param limit the longest wait for its room
     * @return the lease; given back with the task at the latest
     * @throws OutOfPageMemoryException if the executor never has so much room, or not in time
     * @throws InterruptedException if the task was killed meanwhile
     * @throws IllegalStateException if this is closed, or the task has ended
     */
    public PipePool.Lease lease(PipeShape shape, Duration limit) throws InterruptedException {
        return opened(() -> waiting(() -> executor.device().pool().lease(shape, owner, limit)));
    }

    /**
     * Allocates a buffer of base pages. It has device memory only of what was {@linkplain #reserve
     * reserved}.
     *
     * @param byteSize length in bytes, at least 1
     * @return the buffer; closed with the task at the latest
     * @throws IllegalArgumentException if the size is out of range
     * @throws OutOfPageMemoryException if the host has no room for the window
     * @throws IllegalStateException if this is closed, or the task has ended
     */
    public PageBuffer allocate(long byteSize) {
        return opened(() -> budget().allocate(byteSize));
    }

    /**
     * Allocates a buffer, of pages and spans of chosen sizes. It has device memory only of what was
     * {@linkplain #reserve reserved}.
     *
     * @param byteSize length in bytes, at least 1
     * @param how the sizes of pages and spans
     * @return the buffer; closed with the task at the latest
     * @throws IllegalArgumentException if a size is out of range, or spans are smaller than pages
     * @throws OutOfPageMemoryException if the host has no room for the window
     * @throws IllegalStateException if this is closed, or the task has ended
     */
    public PageBuffer allocate(long byteSize, Allocation how) {
        return opened(() -> budget().allocate(byteSize, how));
    }

    /**
     * Pins a range, in the name of this attempt; a name in the terms is added to that.
     *
     * @param range what is pinned
     * @param terms as for {@link PageRange#pin}
     * @return the pin; closed with the task at the latest
     * @throws OutOfPageMemoryException if memory is missing
     * @throws PagesBusyException if a page cannot be pinned within the deadline
     * @throws IllegalStateException if this or the buffer is closed, or the task has ended
     */
    public Pin pin(PageRange range, Terms terms) {
        return opened(() -> range.pin(named(terms)));
    }

    /**
     * Gives a range to kernels, in the name of this attempt; a name in the terms is added to that.
     *
     * @param range what kernels use
     * @param terms as for {@link PageRange#access}
     * @return the access, on this executor's device; closed with the task at the latest, which then
     *     waits for its kernels
     * @throws OutOfPageMemoryException if memory is missing
     * @throws PagesBusyException if a page cannot be had within the deadline
     * @throws IllegalStateException if this or the buffer is closed, or the task has ended
     */
    public DeviceAccess access(PageRange range, Terms terms) {
        return opened(() -> range.access(named(terms), device()));
    }

    private Terms named(Terms terms) {
        return terms.owner(terms.isNamed() ? owner + ": " + terms.owner() : owner);
    }

    /** The task's own: so that reports of budgets name it. */
    private synchronized Budget budget() {
        checkOpen();
        if (budget == null) {
            budget = runtime().budget(owner, Long.MAX_VALUE).deviceMemory(device(), 0);
        }
        return budget;
    }

    /** A kill ends the wait, also one that is not to interrupt the task's thread. */
    private <T> T waiting(Taking<T, InterruptedException> room) throws InterruptedException {
        Thread me = Thread.currentThread();
        synchronized (waiting) {
            if (context.isInterrupted()) {
                throw new InterruptedException(owner + " was killed");
            }
            waiting.add(me);
        }
        try {
            return room.take();
        } finally {
            synchronized (waiting) {
                waiting.remove(me);
            }
        }
    }

    /** Ends waits for room. */
    void killed() {
        synchronized (waiting) {
            waiting.forEach(Thread::interrupt);
        }
    }

    /** Takes something outside of the lock, since that may wait, and remembers it. */
    private <T extends AutoCloseable, X extends Exception> T opened(Taking<T, X> taking) throws X {
        synchronized (this) {
            checkOpen();
        }
        T taken = taking.take();
        synchronized (this) {
            if (!isEnded) {
                if (open.size() >= sweepAt) {
                    open.removeIf(each -> !each.isOpen());
                    sweepAt = Math.max(SWEEP_LEAST, 2 * open.size());
                }
                open.push(new Opened(taken, place()));
                return taken;
            }
        }
        IllegalStateException ended = ended();
        try {
            taken.close();
        } catch (Exception refused) {
            ended.addSuppressed(refused);
        }
        endRest(); // what it was in the way of
        throw ended;
    }

    private void checkOpen() {
        if (isEnded) {
            throw ended();
        }
    }

    private IllegalStateException ended() {
        return new IllegalStateException(owner + " has ended, or closed its TaskPages");
    }

    private static String place() {
        return WALKER.walk(
                frames -> frames.dropWhile(frame -> frame.getDeclaringClass() == TaskPages.class)
                        .findFirst()
                        .map(frame -> frame.toStackTraceElement().toString())
                        .orElse("an unknown place"));
    }

    // ---- ends ----

    /**
     * Closes what is open of all this, the last first. The next {@link #ofThisTask} makes another.
     *
     * @throws IllegalStateException if something cannot be closed: it names what, and a second call
     *     tries again
     */
    @Override
    public void close() {
        List<String> stays = new ArrayList<>();
        end(new ArrayList<>(), stays);
        if (!stays.isEmpty()) {
            throw new IllegalStateException(owner + " cannot close " + stays);
        }
        executor.ended(this);
    }

    /**
     * Called on the task's own thread, so that what is confined to that can be closed.
     *
     * @param why it failed; null if it did not
     */
    void taskEnded(@Nullable Throwable why) {
        boolean interrupted = Thread.interrupted(); // a killed task's closes must not be cut short
        List<String> left = new ArrayList<>();
        List<String> stays = new ArrayList<>();
        try {
            end(left, stays);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        boolean forgot = !left.isEmpty() && why == null && !context.isInterrupted();
        if (!stays.isEmpty()) {
            executor.tellOfLeak(owner + ", which cannot be closed", stays);
            executor.keep(this);
        } else if (forgot) {
            executor.tellOfLeak(owner, left);
        }
        executor.ended(this);
        executor.endIfLost(owner, why == null ? "its driver does not answer" : why.toString());
    }

    /**
     * Closes everything.
     *
     * @param left gets what was open
     * @param stays gets what still is, with the reason
     */
    private synchronized void end(List<String> left, List<String> stays) {
        isEnded = true;
        List<Opened> failed = new ArrayList<>();
        for (Opened each = open.poll(); each != null; each = open.poll()) {
            if (each.isOpen()) {
                left.add(each.toString());
                closeOr(each, failed, stays);
            }
        }
        open.addAll(failed);
        if (failed.isEmpty()) {
            giveRoomBack(stays);
        }
    }

    /**
     * Tries again what could not be closed, since a thread of the task still used it, but waits for
     * no kernel. {@return whether nothing is left}
     */
    synchronized boolean endRest() {
        if (open.stream().anyMatch(each -> each.thing() instanceof DeviceAccess)) {
            return false;
        }
        List<String> stays = new ArrayList<>();
        end(new ArrayList<>(), stays);
        return stays.isEmpty();
    }

    private void giveRoomBack(List<String> stays) {
        try {
            if (room != null) {
                room.close();
            } else if (budget != null) {
                budget.close();
            }
        } catch (IllegalStateException inUse) { // by a thread that has just allocated
            stays.add("its room: " + inUse.getMessage());
        }
    }

    private static void closeOr(Opened each, List<Opened> failed, List<String> stays) {
        try {
            each.thing().close();
        } catch (Exception refused) {
            failed.add(each);
            stays.add(each + ": " + refused);
        }
    }

    static String owner(TaskContext context) {
        return "stage " + context.stageId() + "." + context.stageAttemptNumber() + " partition "
                + context.partitionId() + " attempt " + context.attemptNumber() + " (tid "
                + context.taskAttemptId() + ")";
    }

    private interface Taking<T, X extends Exception> {
        T take() throws X;
    }

    /** Something that a task has taken, and where in its program. */
    private record Opened(AutoCloseable thing, String place) {
        boolean isOpen() {
            return switch (thing) {
                case PageBuffer buffer -> buffer.isOpen();
                case Pin pin -> pin.isOpen();
                case DeviceAccess access -> access.isOpen();
                case PipePool.Lease lease -> lease.isOpen();
                default -> throw new AssertionError(thing);
            };
        }

        @Override
        public String toString() {
            return switch (thing) {
                case PageBuffer buffer ->
                    "buffer " + buffer.id() + " of " + buffer.byteSize() + " bytes, from " + place;
                case Pin pin -> holder("pin", pin) + ", from " + place;
                case DeviceAccess access -> holder("access", access) + ", from " + place;
                case PipePool.Lease lease -> lease.pipe() + ", from " + place;
                default -> throw new AssertionError(thing);
            };
        }

        private static String holder(String kind, Holder holder) {
            return kind + " of bytes " + holder.offset() + " to "
                    + (holder.offset() + holder.byteSize()) + " of buffer "
                    + holder.buffer().id();
        }
    }
}
