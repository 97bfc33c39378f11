// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.device.Extent;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.outcome.DeviceLostException;
import io.highpage.testkit.errors.ErrorsAnywhere;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/**
 * Copies home that meet an error, for {@link CommandErrorsTest}: with a driver that begins a
 * command {@link #DELAY_MILLIS} after it was enqueued, and with one that does not say what becomes
 * of it. No command writes to the window once the copy has ended, or the device is lost and may
 * still be at work.
 */
final class CommandSteps {
    static final int DELAY_MILLIS = 3;

    private static final int PAGES = 8;
    private static final TestRuns RUNS = TestRuns.alternating(PAGES);
    private static final TestRuns ALL = TestRuns.ofPages(0, PAGES);

    private final CopyWay way;
    private final Silence silence = new Silence();
    private final MemorySegment window;
    private ClContext context;
    private Extent extent;

    /** When asked to, fails what tells how a command ended, and what blocks until it has. */
    private static final class Silence implements ClFaults {
        private boolean silent;
        private int enqueued;

        @Override
        public int code(String call) {
            if (!silent) {
                return CL_SUCCESS();
            }
            switch (call) {
                case "clEnqueueReadBuffer", "clEnqueueMapBuffer" -> enqueued++;
                case "clWaitForEvents", "clGetEventInfo", "clFinish" -> {
                    return CL_OUT_OF_HOST_MEMORY();
                }
                default -> {}
            }
            return CL_SUCCESS();
        }

        @Override
        public int codeOfRelease(String call) {
            return CL_SUCCESS();
        }

        @Override
        public Duration patience() {
            return Duration.ofMillis(1);
        }
    }

    private CommandSteps(CopyWay way, Arena arena) {
        this.way = way;
        this.window = arena.allocate(ALL.totalBytes(), TestRuns.PAGE);
        reopen();
    }

    private void reopen() {
        Cl cl = Cl.open(silence);
        MemorySegment device = cl.devices(cl.platforms().getFirst()).getFirst();
        context = ClContext.open("opencl:test", cl, ClDeviceFacts.of(cl, device));
        context.copyBy(CopyPlan.only(way));
        extent = BufferExtent.allocate(context, ALL.totalBytes(), TestRuns.PAGE);
    }

    private static final class Scene {
        boolean done;
    }

    private final class Copy implements ErrorsAnywhere.Trial<Scene> {
        private final boolean silent;
        private int lost;

        Copy(boolean silent) {
            this.silent = silent;
        }

        @Override
        public Scene open() {
            if (context.isAbandoned()) {
                reopen();
            }
            extent.copyIn(0, window.fill((byte) 7), ALL); // ends all if copies do not go on
            window.fill((byte) 1);
            silence.enqueued = 0;
            return new Scene();
        }

        @Override
        public void act(Scene scene) {
            StackRoom.checkLong(); // as who calls it does
            silence.silent = silent;
            try {
                extent.copyOut(0, window, RUNS);
                scene.done = true;
            } catch (DeviceLostException told) {
                if (!silent) { // else that is what it should be
                    throw told;
                }
            } finally {
                silence.silent = false;
            }
        }

        @Override
        public void check(Scene scene) throws Exception {
            byte[] before = window.toArray(ValueLayout.JAVA_BYTE);
            if (silent && silence.enqueued > 0 && !context.isAbandoned() && !scene.done) {
                throw new IllegalStateException("commands may run, and nobody was told");
            }
            // Once: the first clFinish of the program links it, which takes memory.
            if (!silent && context.isAbandoned() && ++lost > 1) {
                throw new IllegalStateException("lost, though the driver answers");
            }
            Thread.sleep(2 * DELAY_MILLIS);
            byte[] after = window.toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < before.length; i++) {
                if (before[i] != after[i] && !context.isAbandoned()) {
                    throw new IllegalStateException("byte " + i + " was written afterwards");
                }
                if (scene.done && after[i] != (RUNS.contains(i) ? 7 : 1)) {
                    throw new IllegalStateException("byte " + i + " is " + after[i]);
                }
            }
        }
    }

    private void close() {
        extent.free();
        context.close();
    }

    /** Runs so: whether the driver answers, and the ways. */
    static void main(String[] arguments) throws Exception {
        boolean silent = arguments[0].equals("silent");
        ErrorsAnywhere errors = new ErrorsAnywhere(System.out);
        try (Arena arena = Arena.ofShared()) {
            for (int i = 1; i < arguments.length; i++) {
                CommandSteps steps = new CommandSteps(CopyWay.valueOf(arguments[i]), arena);
                errors.run("copy " + arguments[i], steps.new Copy(silent));
                steps.close();
            }
            errors.end();
        }
    }
}
