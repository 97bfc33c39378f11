// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit.errors;

import io.highpage.Budget;
import io.highpage.Highpage;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.Registration;
import io.highpage.ResidencyMap;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;
import io.highpage.testkit.errors.ErrorsAnywhere;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * A main class: every operation on pages and every close, on the device that the argument names.
 */
public final class PageSteps {
    private static final long PAGE = 4096;
    private static final int PAGES = 8;
    private static final Terms PIN = Pin.longTerm();
    private static final Terms SHARED = Pin.longTerm().shared();
    private static final Terms LOCKED = Pin.longTerm().pageLocked();
    private static final Terms NAMED = Pin.longTerm().owner("step");
    private static final Keeper KEEPER = Keeper.named("keeper");

    private final DeviceInfo device;
    private final ErrorsAnywhere errors = new ErrorsAnywhere(System.out);
    private final String only;
    private final MemorySegment bytes = Arena.global().allocate(PAGES * PAGE);
    private Highpage runtime;

    private PageSteps(DeviceInfo device, String only) {
        this.device = device;
        this.only = only;
    }

    /** A buffer, and what was opened on it. */
    private static final class Scene {
        Highpage runtime;
        PageBuffer buffer;
        PageBuffer other;
        AutoCloseable opened;
        AutoCloseable within; // closed before
        Object answer;
        CompletableFuture<?> asked; // null or not, it is the future of what is under way
        int written = 99; // by the step, maybe
    }

    private interface Step {
        void on(Scene scene) throws Exception;
    }

    private final class PageTrial implements ErrorsAnywhere.Trial<Scene> {
        private final Step before;
        private final Step step;
        private final boolean ends;

        PageTrial(Step before, Step step, boolean ends) {
            this.before = before;
            this.step = step;
            this.ends = ends;
        }

        @Override
        public Scene open() throws Exception {
            if (runtime == null) {
                runtime = Highpage.builder().device(device.open()).open();
            }
            Scene scene = new Scene();
            scene.runtime = runtime;
            scene.buffer = mixed(runtime);
            before.on(scene);
            return scene;
        }

        @Override
        public void act(Scene scene) throws Exception {
            step.on(scene);
        }

        @Override
        public void check(Scene scene) throws Exception {
            try {
                if (scene.asked != null && scene.opened == null) {
                    end(scene.asked);
                }
                if (scene.within != null) {
                    again(scene.within);
                }
                if (scene.opened != null) {
                    again(scene.opened);
                }
                expect(scene.runtime.holders().isEmpty(), "holders " + scene.runtime.holders());
                expect(
                        scene.runtime.pageLockedBytes() == 0,
                        "page-locked " + scene.runtime.pageLockedBytes());
                if (scene.buffer.isOpen()) {
                    checkBytes(scene.buffer, scene.written);
                }
                if (scene.other != null) {
                    again(scene.other);
                }
                again(scene.buffer);
                for (PageBuffer left : scene.runtime.buffers()) {
                    again(left); // of an allocation that failed at its end
                }
                expect(
                        scene.runtime.device().usedBytes() == 0,
                        "device " + scene.runtime.device().usedBytes());
                Budget budget = scene.runtime.budget();
                expect(
                        budget.hostUsedBytes() == 0
                                && budget.usedBytes(scene.runtime.device()) == 0,
                        "budget " + budget.info());
                expect(budget.info().budgets().isEmpty(), "budgets " + budget.info());
                if (ends) {
                    runtime = null;
                    again(scene.runtime);
                }
            } catch (Throwable leak) {
                runtime = null; // not again with this one
                throw leak;
            }
        }
    }

    /** A failure of the step may be told by the first close after it; the second one works. */
    private static void again(AutoCloseable thing) throws Exception {
        try {
            thing.close();
        } catch (VirtualMachineError told) {
            thing.close();
        }
    }

    /** Whatever became of it: what it has, it gives back. */
    private static void end(CompletableFuture<?> asked) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture.allOf(asked).whenComplete((nothing, failure) -> ended.countDown());
        ended.await();
        asked.cancel(true);
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /**
     * Pages 2, 5 are absent, 3, 7 on the device, 1, 4 there and at home, the others at home; each
     * is full of its number.
     */
    private PageBuffer mixed(Highpage on) {
        PageBuffer buffer = on.allocate(PAGES * PAGE);
        for (int page = 0; page < PAGES; page++) {
            if (page != 2 && page != 5) {
                buffer.range(page * PAGE, PAGE).fill((byte) (page + 1));
            }
            if (page == 1 || page == 4) {
                buffer.range(page * PAGE, PAGE).prefetch(on.device());
            }
            if (page == 3 || page == 7) {
                buffer.range(page * PAGE, PAGE)
                        .access(on.device(), AccessMode.READ_WRITE)
                        .close();
            }
        }
        return buffer;
    }

    private void checkBytes(PageBuffer buffer, int written) {
        ResidencyMap where = buffer.residency();
        expect(
                where.count(Residency.MOVING) == 0 && where.count(Residency.LOST) == 0,
                where.toString());
        buffer.read(0, bytes);
        for (int page = 0; page < PAGES; page++) {
            byte now = bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, page * PAGE + 17);
            int was = page == 2 || page == 5 ? 0 : page + 1;
            expect(now == was || now == written, "page " + page + " has " + now);
        }
    }

    private void step(String name, Step step) throws Exception {
        step(name, scene -> {}, step, false);
    }

    private void step(String name, Step before, Step step, boolean ends) throws Exception {
        if (name.matches(only)) {
            long mapped = mappedBytes();
            errors.run(device.name() + " " + name, new PageTrial(before, step, ends));
            if (runtime != null) {
                runtime.close();
                runtime = null;
            }
            errors.leftOver(name, mappedBytes() - mapped);
        }
    }

    /** Windows and tables: only the library's memory is kept from forked children. */
    private static long mappedBytes() throws IOException {
        long total = 0;
        long size = 0;
        for (String line :
                Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("Size:")) {
                size = Long.parseLong(line.replaceAll("\\D", ""));
            } else if (line.startsWith("VmFlags:") && (line + " ").contains(" dc ")) {
                total += size;
            }
        }
        return total * 1024;
    }

    private void close(String name, Step open) throws Exception {
        step("close " + name, open, scene -> scene.opened.close(), false);
    }

    private void steps() throws Exception {
        long all = PAGES * PAGE;
        step("allocate", scene -> scene.other = scene.runtime.allocate(all));
        step("pin", scene -> scene.opened = scene.buffer.pin(PIN));
        step("pin in place", scene -> scene.opened = scene.buffer.range(0, PAGE).pin(PIN));
        step(
                "pin whole",
                scene -> scene.buffer.range(0, all).fill((byte) 99),
                scene -> scene.opened = scene.buffer.pin(PIN),
                false);
        step("prefer", scene -> scene.buffer.prefer(scene.runtime.device()));
        step("pin shared", scene -> scene.opened = scene.buffer.pin(SHARED));
        step("pin page-locked", scene -> scene.opened = scene.buffer.pin(LOCKED));
        step("pin bare", scene -> scene.opened = scene.buffer.range(PAGE, PAGE).pin(PIN.bare()));
        step("tryPin", scene -> {
            PinAttempt attempt = scene.buffer.tryPin(NAMED);
            scene.answer = attempt;
            if (attempt instanceof PinAttempt.Pinned pinned) {
                scene.opened = pinned.pin();
            }
        });
        Step hold = scene -> scene.within =
                scene.buffer.range(PAGE, PAGE).access(scene.runtime.device(), AccessMode.READ);
        step(
                "pinPossible",
                hold,
                scene -> scene.opened = scene.buffer.range(0, all).pinPossible(PIN),
                false);
        step(
                "pinPossible locked",
                hold,
                scene -> scene.opened = scene.buffer.range(0, all).pinPossible(LOCKED),
                false);
        step("hold", scene -> scene.opened = scene.buffer.hold());
        step("pinAsync", scene -> {
            scene.asked = scene.buffer.pinAsync(PIN);
            scene.opened = (AutoCloseable) scene.asked.join();
        });
        step("accessAsync", scene -> {
            scene.asked = scene.buffer.accessAsync(PIN, scene.runtime.device());
            scene.opened = (AutoCloseable) scene.asked.join();
        });
        step("evictAsync", scene -> {
            scene.asked = scene.buffer.evictAsync();
            scene.answer = scene.asked.join();
        });
        step(
                "cancel pinAsync",
                scene -> {
                    scene.asked = scene.buffer.pinAsync(PIN);
                    CompletableFuture.allOf(scene.asked).join();
                },
                scene -> scene.asked.cancel(true),
                false);
        step(
                "access",
                scene -> scene.opened =
                        scene.buffer.access(scene.runtime.device(), AccessMode.READ_WRITE));
        step("access that overwrites", scene -> {
            scene.opened = scene.buffer.access(scene.runtime.device(), AccessMode.WRITE);
            scene.written = 0; // only now: whatever fails before loses nothing
        });
        step("pin that reads", scene -> scene.opened = scene.buffer.pin(PIN.mode(AccessMode.READ)));
        step(
                "access that makes room",
                scene -> {
                    scene.runtime.budget().deviceMemory(scene.runtime.device(), all);
                    scene.other = scene.runtime.allocate(all);
                },
                scene -> scene.opened =
                        scene.other.access(scene.runtime.device(), AccessMode.READ_WRITE),
                false);
        step(
                "fill that gives up homes",
                scene -> {
                    scene.runtime.budget().hostMemory(12 * PAGE);
                    scene.within = scene.runtime.allocate(all);
                },
                scene -> ((PageBuffer) scene.within).fill((byte) 99),
                false);
        step("prefetch", scene -> scene.answer = scene.buffer.prefetch(scene.runtime.device()));
        step("evict", scene -> scene.answer = scene.buffer.evict());
        step("read", scene -> scene.buffer.read(0, bytes));
        step("write", scene -> bytes.fill((byte) 99), scene -> scene.buffer.write(0, bytes), false);
        step("fill", scene -> scene.buffer.range(0, all).fill((byte) 99));
        step(
                "fill on device",
                scene -> {
                    scene.written = 0;
                    scene.buffer.prefetch(scene.runtime.device());
                },
                scene -> scene.buffer.range(0, all).fill((byte) 0),
                false);
        step(
                "copyTo",
                scene -> scene.other = mixed(scene.runtime),
                scene -> scene.buffer.range(0, all).copyTo(scene.other, 0),
                false);
        step(
                "copyTo from device",
                scene -> {
                    scene.other = mixed(scene.runtime);
                    scene.buffer
                            .access(scene.runtime.device(), AccessMode.READ_WRITE)
                            .close();
                },
                scene -> scene.buffer.range(0, all).copyTo(scene.other, 0),
                false);
        step("residency", scene -> scene.answer = scene.buffer.residency());
        step(
                "holders",
                scene -> scene.opened = scene.buffer.pin(NAMED),
                scene -> scene.answer = scene.runtime.holders(),
                false);
        step(
                "verify",
                scene -> scene.opened = scene.buffer.pin(LOCKED),
                scene -> scene.answer = ((Pin) scene.opened).verify(),
                false);
        step(
                "register",
                scene -> scene.opened = scene.buffer.pin(PIN),
                scene -> scene.within = ((Pin) scene.opened).register(KEEPER),
                false);
        step("close registration", PageSteps::registered, scene -> scene.within.close(), false);
        close("pin", scene -> scene.opened = scene.buffer.pin(PIN));
        close("pin whole", scene -> {
            scene.buffer.range(0, all).fill((byte) 99);
            scene.opened = scene.buffer.pin(PIN);
        });
        close("pin shared", scene -> scene.opened = scene.buffer.pin(SHARED));
        close("pin page-locked", scene -> scene.opened = scene.buffer.pin(LOCKED));
        close("pin partial", scene -> {
            hold.on(scene);
            scene.opened = scene.buffer.range(0, all).pinPossible(LOCKED);
        });
        close("hold", scene -> scene.opened = scene.buffer.range(0, all).hold(NAMED));
        close(
                "access",
                scene -> scene.opened =
                        scene.buffer.access(scene.runtime.device(), AccessMode.READ_WRITE));
        step("budget", scene -> scene.opened = scene.runtime.budget("step", all));
        Step inBudget = scene -> scene.opened = scene.runtime.budget("step", PAGE);
        step(
                "allocate in budget",
                inBudget,
                scene -> scene.within = ((Budget) scene.opened).allocate(all),
                false);
        step(
                "pin refused",
                scene -> {
                    inBudget.on(scene);
                    scene.within = ((Budget) scene.opened).allocate(all);
                },
                scene -> scene.answer = ((PageBuffer) scene.within).tryPin(PIN),
                false);
        close("budget", inBudget);
        step("close buffer", scene -> {}, scene -> scene.buffer.close(), false);
        step(
                "close runtime",
                scene -> scene.other = mixed(scene.runtime),
                scene -> scene.runtime.close(),
                true);
    }

    private static void registered(Scene scene) {
        Pin pin = scene.buffer.pin(PIN);
        scene.opened = pin;
        Registration registration = pin.register(KEEPER);
        scene.within = registration;
    }

    private static DeviceInfo device(String name) {
        return name.equals("host") || name.equals("host-private")
                ? host(name.equals("host"))
                : Devices.named(name);
    }

    /** Without asking any driver. */
    private static DeviceInfo host(boolean coherent) {
        var kind = coherent
                ? io.highpage.device.DeviceKind.COHERENT
                : io.highpage.device.DeviceKind.PRIVATE;
        return DeviceInfo.builder(
                        coherent ? "host" : "host-private",
                        kind,
                        () -> coherent
                                ? HostDevice.coherent(1 << 30)
                                : HostDevice.privateMemory(1 << 30))
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        PageSteps steps =
                new PageSteps(device(arguments[0]), arguments.length > 1 ? arguments[1] : ".*");
        steps.steps();
        steps.errors.end();
    }
}
