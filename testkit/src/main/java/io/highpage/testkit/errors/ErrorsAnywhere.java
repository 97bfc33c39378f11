// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.errors;

import java.io.PrintStream;

/**
 * Makes one step of a program meet {@link StackOverflowError} at every depth near the end of the
 * stack, or {@link OutOfMemoryError} with every amount of heap that is left, and looks each time
 * what became of it. Runs in a JVM of its own, see {@link ErrorsJvm}: what it does to a heap nobody
 * else should see.
 */
public final class ErrorsAnywhere {
    /** Small, so that going down to the end takes little. */
    private static final long STACK_BYTES = 320 << 10;

    /**
     * So many tries without an error, one after the other, are the end: the step has all it needs.
     */
    private static final int CALM = 16;

    /** Taken from the heap's filling while a trial is prepared and looked at. */
    private static final int CUSHION_BYTES = 512 << 10;

    /** Bytes of a {@link Link}. */
    private static final int LINK_BYTES = 16;

    static final String MODE = "HIGHPAGE_ERRORS_MODE";

    /**
     * Every depth and every 16 bytes of heap, in place of one of so many; of heap for closes it is
     * always every 16.
     */
    private static final boolean FULL = Boolean.parseBoolean(System.getenv("HIGHPAGE_ERRORS_FULL"));

    private static final int DEPTH_STEP = FULL ? 1 : 5; // odd, so that half steps come too
    private static final int HEAP_STEP = FULL ? LINK_BYTES : 6 * LINK_BYTES;
    // With the thresholds that ErrorsJvm sets all is compiled then.
    private static final int WARM_UPS = 400;

    private final Mode mode;
    private final PrintStream out;
    private int leaks;

    /** Whether something was left after an error that no program can be safe from. */
    private boolean excused;

    // What fills the heap. Fields, since compiled code forgets a variable that it reads no more.
    private Block filling;
    private Block cushion;
    private Link left;

    /** Which error, and how the code runs. */
    public enum Mode {
        STACK_INTERPRETED,
        STACK_COMPILED,
        HEAP_INTERPRETED,
        HEAP_COMPILED;

        boolean isStack() {
            return this == STACK_INTERPRETED || this == STACK_COMPILED;
        }

        boolean isCompiled() {
            return this == STACK_COMPILED || this == HEAP_COMPILED;
        }
    }

    /**
     * What is tried.
     *
     * @param <S> what a try works on
     */
    public interface Trial<S> {
        /** Prepares a try, with stack and heap enough. */
        S open() throws Exception;

        /** Meets the error. Allocates nothing of its own, and keeps what it opens in the scene. */
        void act(S scene) throws Exception;

        /**
         * Ends a try, with stack and heap enough: closes what {@link #act} opened, again if it was
         * a close that failed.
         *
         * @throws Exception or Error if that does not work or something is left: a leak
         */
        void check(S scene) throws Exception;
    }

    /** So much of the heap is left when a link is dropped. */
    private static final class Link {
        Link next;

        Link(Link next) {
            this.next = next;
        }
    }

    private static final class Block {
        final byte[] bytes;
        final Block next;

        Block(byte[] bytes, Block next) {
            this.bytes = bytes;
            this.next = next;
        }
    }

    /** Tries in the mode of this JVM, which {@link ErrorsJvm} chose. */
    public ErrorsAnywhere(PrintStream out) {
        this.mode = Mode.valueOf(System.getenv(MODE));
        this.out = out;
    }

    /** Tries a step everywhere and prints what came of it. */
    public <S> void run(String name, Trial<S> trial) throws Exception {
        warmUp(trial);
        if (mode.isStack()) {
            Throwable[] failed = new Throwable[1];
            Thread thread = new Thread(
                    null,
                    () -> failed[0] = thrownBy(() -> stack(name, trial)),
                    "errors",
                    STACK_BYTES);
            thread.start();
            thread.join();
            if (failed[0] != null) {
                throw new IllegalStateException(name, failed[0]);
            }
        } else {
            heap(name, trial);
        }
    }

    /**
     * Counts what a step has left behind though each try looked well, such as bytes that stay
     * mapped.
     */
    public void leftOver(String name, long amount) {
        if (!excused && amount > 0) {
            leaks++;
            out.println("LEAK " + name + ": " + amount + " left in the end");
        }
    }

    /** Says how many leaks there were in all; what {@link ErrorsJvm#run} looks for. */
    public void end() {
        out.println("leaks in all: " + leaks);
    }

    /**
     * What happens once only, such as the initialization of classes, has happened; and the
     * compilers have been here.
     */
    private <S> void warmUp(Trial<S> trial) throws Exception {
        int times = mode.isCompiled() ? WARM_UPS : 3;
        for (int i = 0; i < times; i++) {
            S scene = trial.open();
            trial.act(scene);
            trial.check(scene);
        }
    }

    // ---- stack ----

    private <S> void stack(String name, Trial<S> trial) throws Exception {
        int deepest = deepest();
        int tries = 0;
        int errors = 0;
        int before = leaks;
        for (int calm = 0, steps = 0;
                calm < CALM && steps < 2 * deepest;
                tries++, steps += DEPTH_STEP) {
            S scene = trial.open();
            int depth = deepest - steps / 2;
            boolean shifted = steps % 2 == 1; // a try between each two depths
            Throwable thrown = thrownBy(() -> down(depth, shifted, trial, scene));
            errors += thrown == null ? 0 : 1;
            calm = thrown == null ? calm + 1 : 0;
            check(name, "depth " + depth + " of " + deepest, trial, scene, thrown);
        }
        report(name, tries, errors, leaks - before);
    }

    /** Interpreted always, so that all steps have the same size, about a hundred bytes. */
    private static <S> void down(int depth, boolean shifted, Trial<S> trial, S scene)
            throws Exception {
        if (depth > 0) {
            down(depth - 1, shifted, trial, scene);
        } else if (shifted) {
            downHalf(trial, scene, 0, 0, 0);
        } else {
            trial.act(scene);
        }
    }

    /** One step and a half. */
    private static <S> void downHalf(Trial<S> trial, S scene, long more, long and, long once)
            throws Exception {
        trial.act(scene);
    }

    private static int deepest() throws Exception {
        int shallow = 0;
        int deep = 1 << 20;
        Trial<Object> nothing = new Trial<>() {
            @Override
            public Object open() {
                return this;
            }

            @Override
            public void act(Object scene) {
                // only to get here
            }

            @Override
            public void check(Object scene) {
                // nothing
            }
        };
        while (deep - shallow > 1) {
            int middle = (shallow + deep) / 2;
            if (thrownBy(() -> down(middle, false, nothing, nothing)) == null) {
                shallow = middle;
            } else {
                deep = middle;
            }
        }
        return shallow;
    }

    // ---- heap ----

    private <S> void heap(String name, Trial<S> trial) throws Exception {
        int tries = 0;
        int errors = 0;
        int before = leaks;
        int step = name.contains("close")
                ? LINK_BYTES
                : HEAP_STEP; // a close allocates little: every place of it
        filling = fill(null, CUSHION_BYTES / 8);
        for (int i = 0; i < 8; i++) {
            filling = filling.next;
        }
        for (int calm = 0, bytes = 0;
                calm < CALM / 4;
                tries++, bytes += bytes < 2048 ? step : 8 * step) {
            S scene = trial.open();
            for (int i = 0; i < bytes / LINK_BYTES; i++) {
                left = new Link(left);
            }
            cushion = fill(fill(null, 2048), 0); // each time it is full costs collections
            left = null;
            Throwable thrown = actOn(trial, scene);
            cushion = null;
            errors += thrown == null ? 0 : 1;
            calm = thrown == null ? calm + 1 : 0;
            check(name, bytes + " bytes left", trial, scene, thrown);
        }
        filling = null;
        report(name, tries, errors, leaks - before);
    }

    private static <S> Throwable actOn(Trial<S> trial, S scene) {
        try {
            trial.act(scene);
            return null;
        } catch (Throwable thrown) {
            return thrown;
        }
    }

    private static Block fill(Block filled, int bytes) {
        Block last = filled;
        try {
            while (true) {
                last = new Block(new byte[bytes], last);
            }
        } catch (OutOfMemoryError full) {
            return last;
        }
    }

    // ---- both ----

    private interface Step {
        void run() throws Exception;
    }

    private static Throwable thrownBy(Step step) {
        try {
            step.run();
            return null;
        } catch (Throwable thrown) {
            return thrown;
        }
    }

    private <S> void check(String name, String where, Trial<S> trial, S scene, Throwable thrown) {
        try {
            trial.check(scene);
        } catch (Throwable leak) {
            if (isOfTheCompiler(thrown)) {
                excused = true;
                out.println(
                        "not counted: " + name + ", " + where + ", after " + thrown + ": " + leak);
                return;
            }
            leaks++;
            out.println("LEAK " + name + ", " + where + ", after " + thrown + ": " + leak);
        }
    }

    /**
     * {@return whether the JVM failed to leave compiled code} It then has to make objects that the
     * compiler had done without, at places that no program can see, and throws between any two
     * steps, also where nothing is allocated.
     */
    private static boolean isOfTheCompiler(Throwable thrown) {
        return thrown instanceof OutOfMemoryError
                && String.valueOf(thrown.getMessage()).contains("scalar replaced");
    }

    private void report(String name, int tries, int errors, int found) {
        out.printf("%-18s %-28s tries %4d errors %4d leaks %d%n", mode, name, tries, errors, found);
    }
}
