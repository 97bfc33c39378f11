// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.util.ArrayList;
import java.util.List;

/** References to OpenCL objects that one owner holds and gives back together, last one first. Confined to its owner. */
public final class ClReferences implements AutoCloseable {
    private final List<Runnable> releases = new ArrayList<>();

    /** Adds a reference that is held now. */
    public void add(Runnable release) {
        releases.add(release);
    }

    /** Gives back all of them, whatever fails, then throws the first failure. A second call does nothing. */
    @Override
    public void close() {
        FirstFailure failures = new FirstFailure();
        while (!releases.isEmpty()) {
            failures.run(releases.removeLast());
        }
        failures.rethrow();
    }
}
