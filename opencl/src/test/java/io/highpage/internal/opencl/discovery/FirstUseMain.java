// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

import io.highpage.Highpage;
import io.highpage.outcome.DeviceException;

import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Has several threads use OpenCL first at once, and prints the device that each of them got. */
public final class FirstUseMain {
    static final int THREADS = 4;

    private FirstUseMain() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "threads" -> together(() -> FirstUseMain::open);
            case "loaders" -> together(FirstUseMain::inALoaderOfItsOwn);
            default -> patience();
        }
    }

    /** What a program does. Public, since the threads come here by reflection. */
    public static void open() {
        try (Highpage highpage = Highpage.open()) {
            System.out.println(highpage.device().name());
        }
    }

    private static void together(Supplier<Runnable> programs) throws InterruptedException {
        CyclicBarrier barrier = new CyclicBarrier(THREADS);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Runnable program = programs.get();
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    barrier.await();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                program.run();
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** {@return the program, with a copy of the library that no other has} */
    private static Runnable inALoaderOfItsOwn() {
        try {
            List<URL> places = new ArrayList<>();
            for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
                places.add(Path.of(place).toUri().toURL());
            }
            ClassLoader loader = new URLClassLoader(
                    places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
            Method open =
                    Class.forName(FirstUseMain.class.getName(), true, loader).getMethod("open");
            return () -> {
                try {
                    open.invoke(null);
                } catch (ReflectiveOperationException e) {
                    throw new AssertionError(e);
                }
            };
        } catch (ReflectiveOperationException | MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    private static void patience() throws InterruptedException {
        CountDownLatch asks = new CountDownLatch(1);
        CountDownLatch answers = new CountDownLatch(1);
        Thread other = Thread.ofPlatform()
                .name("asks")
                .start(() -> DriverStart.ask(
                        () -> {
                            asks.countDown();
                            try {
                                return answers.await(1, TimeUnit.MINUTES);
                            } catch (InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        },
                        Duration.ZERO));
        asks.await();
        try {
            DriverStart.ask(() -> "", Duration.ofMillis(50));
        } catch (DeviceException refused) {
            System.out.println(refused.getMessage());
        }
        answers.countDown();
        other.join();
        System.out.println(DriverStart.ask(() -> "then it answers", Duration.ZERO));
    }
}
