// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.PageRange;
import io.highpage.internal.pipe.OpenAccesses;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;
import io.highpage.pipe.KernelRunner;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A piece of each file, and the kernel that runs over them. Confined to one thread. */
final class DeviceSet implements AutoCloseable {
    private static final Terms SHARED = Terms.defaults().shared();

    private final PieceBuffers buffers;
    private final long piece;
    private final OpenAccesses accesses = new OpenAccesses();
    private KernelRunner.@Nullable Launch launch;

    DeviceSet(PieceBuffers buffers, long piece) {
        this.buffers = buffers;
        this.piece = piece;
    }

    /** Has the kernel run over the piece. */
    void launch(KernelRunner kernel, Task task) {
        JobFiles files = task.files();
        for (int i = 0; i < files.count(); i++) {
            boolean output = files.arguments().get(i).output();
            AccessMode mode = output ? AccessMode.READ_WRITE : AccessMode.READ;
            PageRange range = buffers.range(i, piece, files.bytes(i, piece));
            task.trace().used(range, buffers.device(), mode);
            accesses.add(range, SHARED.mode(mode), buffers.device());
        }
        List<Object> arguments = new ArrayList<>(accesses.all());
        arguments.addAll(task.call().arguments());
        launch = kernel.launch(files.items(files.bytes(piece)), task.call().group(), arguments);
        accesses.endWithTheirWork();
    }

    /** Waits for the kernel. {@return the time it took, in nanoseconds} */
    long await() {
        accesses.await();
        long nanos = Objects.requireNonNull(launch).await();
        close();
        return nanos;
    }

    /** Waits for the kernel, and tells if it failed. */
    @Override
    public void close() {
        accesses.close();
        if (launch != null) {
            launch.close();
            launch = null;
        }
    }
}
