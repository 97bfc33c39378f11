// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Fails the n-th call, with a code or with an {@link Error} before it is made, and counts what is
 * alive: objects made and references taken, less those given back.
 */
public final class FaultAt implements ClFaults {
    private final int at;
    private final int code;
    private final boolean throwsError;
    private final List<String> calls = new ArrayList<>();
    private final Map<String, Integer> live = new TreeMap<>();

    /** Fails a call. {@code at} counts from 1; 0 fails none. */
    public FaultAt(int at, int code) {
        this(at, code, false);
    }

    private FaultAt(int at, int code, boolean throwsError) {
        this.at = at;
        this.code = code;
        this.throwsError = throwsError;
    }

    /** Has a call end with an error before it is made, as with a full stack. */
    public static FaultAt error(int at) {
        return new FaultAt(at, 0, true);
    }

    @Override
    public synchronized int code(String call) {
        boolean fails = fails(call);
        if (!fails && isAcquire(call)) {
            live.merge(kind(call), 1, Integer::sum);
        }
        if (!fails && isUnmap(call)) {
            live.merge("map", -1, Integer::sum);
        }
        return fails ? code : 0;
    }

    @Override
    public synchronized int codeOfRelease(String call) {
        boolean fails = fails(call);
        live.merge(isUnmap(call) ? "map" : kind(call), -1, Integer::sum); // made if it "fails", too
        return fails ? code : 0;
    }

    private boolean fails(String call) {
        calls.add(call);
        boolean fails = calls.size() == at;
        if (fails && throwsError) {
            throw new StackOverflowError("injected at " + call);
        }
        return fails;
    }

    /** {@return whether the call to fail was reached} */
    public synchronized boolean hasFired() {
        return at > 0 && calls.size() >= at;
    }

    @Override
    public Duration patience() {
        return Duration.ofMillis(200);
    }

    /** {@return the name of the call that failed} */
    public synchronized String failed() {
        return calls.get(at - 1);
    }

    /** {@return the calls so far} */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /** {@return what is alive; empty if nothing leaked} */
    public synchronized Map<String, Integer> live() {
        Map<String, Integer> left = new TreeMap<>(live);
        left.values().removeIf(count -> count == 0);
        return left;
    }

    private static boolean isUnmap(String call) {
        return call.equals("clEnqueueUnmapMemObject") || call.equals("clEnqueueSVMUnmap");
    }

    private static boolean isAcquire(String call) {
        return call.startsWith("clRetain")
                || call.startsWith("clCreate")
                || call.startsWith("clEnqueue")
                || call.equals("clSVMAlloc");
    }

    private static String kind(String call) {
        if (call.equals("clEnqueueMapBuffer") || call.equals("clEnqueueSVMMap")) {
            return "map"; // it blocks, without an event
        }
        if (call.startsWith("clEnqueue") || call.endsWith("Event")) {
            return "event";
        }
        if (call.startsWith("clSVM")) {
            return "svm";
        }
        return call.replaceFirst("clRelease|clRetain|clCreate", "")
                .replaceFirst("SubBuffer|Buffer|Image", "MemObject");
    }
}
