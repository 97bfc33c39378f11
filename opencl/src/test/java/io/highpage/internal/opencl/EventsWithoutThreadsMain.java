// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks to be told where the system has no thread, and again when it has; a line each says when. */
final class EventsWithoutThreadsMain {
    private EventsWithoutThreadsMain() {}

    public static void main(String[] arguments) throws Exception {
        int before = EventNotices.count(); // loads what it needs
        System.out.println("ready");
        System.in.read();
        AtomicInteger looked = new AtomicInteger();
        EventNotices.lookAfter(() -> looked.incrementAndGet() > 0);
        int kept = EventNotices.count() - before;
        long number = EventNotices.begin(() -> true, () -> {});
        String told = number == 0 ? "nobody would be told" : "somebody would be told";
        System.out.println("asked");
        System.in.read();
        System.out.println(told + ", " + (EventNotices.count() - before - kept) + " wait");
        CountDownLatch later = new CountDownLatch(1);
        EventNotices.begin(() -> true, later::countDown);
        System.out.println(later.await(60, TimeUnit.SECONDS) ? "told" : "not told");
        System.out.println(looked.get() > 0 ? "looked after" : "left");
        System.out.println("done");
    }
}
