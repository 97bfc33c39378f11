// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.internal.os.ProcFile;
import io.highpage.testkit.errors.ErrorsAnywhere;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A main class: every operation of rings and every close. The argument is a file of 64 KiB, the
 * second which steps.
 */
public final class RingSteps {
    private static final int BYTES = 1 << 16;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final File DESCRIPTORS = new File("/proc/self/fd");

    private final ErrorsAnywhere errors = new ErrorsAnywhere(System.out);
    private final Path path;
    private final String only;
    private final Highpage runtime;
    private final PageBuffer buffer;
    private int descriptors;

    private RingSteps(Path path, String only) {
        this.path = path;
        this.only = only;
        runtime = Highpage.builder().device(HostDevice.coherent(BYTES)).open();
        buffer = runtime.allocate(BYTES);
    }

    /** What a try works on; opened in this order. */
    private static final class Scene {
        Pin pin;
        Pin other;
        Ring ring;
        FixedBuffer fixed;
        RegisteredBuffer whole;
        RingFile file;
        RingOperation operation;
    }

    /** Part of a try. */
    @FunctionalInterface
    private interface Step {
        void on(Scene scene) throws IOException;
    }

    private void step(String name, Step before, Step step) throws Exception {
        if (!name.matches(only)) {
            return;
        }
        errors.run(name, new ErrorsAnywhere.Trial<Scene>() {
            @Override
            public Scene open() throws IOException {
                Scene scene = new Scene();
                scene.pin = buffer.pin(Pin.longTerm());
                scene.other = buffer.range(0, 8192).pin(Pin.longTerm());
                before.on(scene);
                return scene;
            }

            @Override
            public void act(Scene scene) throws IOException {
                step.on(scene);
            }

            @Override
            public void check(Scene scene) throws IOException {
                try {
                    close(scene);
                    expect(runtime.holders().isEmpty(), "open: " + runtime.holders());
                    expect(
                            ProcFile.statusBytes("VmPin:").getAsLong() == 0,
                            "the kernel keeps memory");
                    expect(
                            opened() == descriptors,
                            "descriptors " + opened() + ", not " + descriptors);
                } finally {
                    descriptors = opened();
                }
            }
        });
    }

    private static void close(Scene scene) throws IOException {
        if (scene.file != null) { // before the others, as in the example
            scene.file.close();
        }
        if (scene.fixed != null) {
            scene.fixed.close();
        }
        if (scene.ring != null) {
            scene.ring.close();
            expect(scene.operation == null || scene.operation.isDone(), "not done");
        }
        if (scene.whole != null) {
            scene.whole.close();
        }
        scene.other.close();
        scene.pin.close();
    }

    private static int opened() {
        return DESCRIPTORS.list().length;
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private static void ring(Scene scene) throws IOException {
        scene.ring = Ring.builder("errors").entries(4).slotBytes(BYTES / 2).open();
    }

    private static void registered(Scene scene) throws IOException {
        ring(scene);
        scene.fixed = scene.ring.register(scene.pin);
    }

    private void ready(Scene scene) throws IOException {
        registered(scene);
        scene.file = RingFile.open(path);
    }

    private static void read(Scene scene) throws IOException {
        scene.operation = scene.ring.readFixed(scene.file, 0, scene.fixed, 0, BYTES);
    }

    private void prepared(Scene scene) throws IOException {
        ready(scene);
        read(scene);
    }

    private void whole(Scene scene) throws IOException {
        ring(scene);
        scene.whole = scene.ring.register(buffer);
    }

    private void ofWhole(Scene scene) throws IOException {
        whole(scene);
        scene.file = RingFile.open(path);
        scene.fixed = scene.whole.register(scene.pin);
    }

    private void preparedOfWhole(Scene scene) throws IOException {
        ofWhole(scene);
        read(scene);
    }

    private void steps() throws Exception {
        step("open ring", scene -> {}, RingSteps::ring);
        step("register", RingSteps::ring, scene -> scene.fixed = scene.ring.register(scene.pin));
        step("update", RingSteps::registered, scene -> scene.fixed.update(scene.other));
        step("open file", scene -> {}, scene -> scene.file = RingFile.open(path));
        step("open direct", scene -> {}, scene -> scene.file = RingFile.openDirect(path));
        step("readFixed", this::ready, RingSteps::read);
        step("fsync", this::ready, scene -> scene.operation = scene.ring.fsync(scene.file));
        step("submit", this::prepared, scene -> scene.ring.submit());
        step("await", this::prepared, scene -> scene.operation.await(SOON));
        step("isDone", this::prepared, scene -> scene.operation.isDone());
        step("cancel", this::prepared, scene -> scene.operation.cancel());
        step(
                "readFully",
                this::ready,
                scene -> scene.ring.readFully(scene.file, 0, scene.fixed, 0, BYTES, SOON));
        step("close file", this::ready, scene -> scene.file.close());
        step("close file in use", this::prepared, scene -> scene.file.close());
        step("close buffer", RingSteps::registered, scene -> scene.fixed.close());
        step("close buffer in use", this::prepared, scene -> scene.fixed.close());
        step("register whole", RingSteps::ring, scene -> scene.whole = scene.ring.register(buffer));
        step(
                "register in whole",
                this::whole,
                scene -> scene.fixed = scene.whole.register(scene.pin));
        step("update in whole", this::ofWhole, scene -> scene.fixed.update(scene.other));
        step("close in whole", this::ofWhole, scene -> scene.fixed.close());
        step("close in whole in use", this::preparedOfWhole, scene -> scene.fixed.close());
        step("close whole in use", this::preparedOfWhole, scene -> scene.whole.close());
        step("close ring with whole", this::preparedOfWhole, scene -> scene.ring.close());
        step("close ring", RingSteps::ring, scene -> scene.ring.close());
        step("close ring in use", this::prepared, scene -> scene.ring.close());
    }

    public static void main(String[] arguments) throws Exception {
        RingSteps steps =
                new RingSteps(Path.of(arguments[0]), arguments.length > 1 ? arguments[1] : ".*");
        Files.size(steps.path);
        steps.descriptors = opened();
        steps.steps();
        steps.errors.end();
    }
}
