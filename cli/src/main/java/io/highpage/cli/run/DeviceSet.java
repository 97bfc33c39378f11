// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.kernel.OpenClProgram;
import io.highpage.cli.kernel.ScalarArgument;
import io.highpage.outcome.AccessMode;

import java.util.ArrayList;
import java.util.List;

/**
 * A buffer for a piece of each file, and the kernel that runs over them, if one does. Confined to
 * one thread.
 */
final class DeviceSet implements AutoCloseable {
    private final JobFiles files;
    private final Device device;
    private final List<PageBuffer> buffers = new ArrayList<>();
    private final List<DeviceAccess> accesses = new ArrayList<>();
    private OpenClProgram.Launch launch;
    private long piece;
    private boolean used;

    private DeviceSet(JobFiles files, Device device) {
        this.files = files;
        this.device = device;
    }

    static DeviceSet allocate(Highpage runtime, JobFiles files) {
        DeviceSet set = new DeviceSet(files, runtime.device());
        try {
            for (int i = 0; i < files.count(); i++) {
                set.add(runtime.allocate(files.pieceBytes()));
            }
            return set;
        } catch (RuntimeException | Error failed) {
            CloseAll.after(failed, set);
            throw failed;
        }
    }

    private void add(PageBuffer buffer) {
        buffers.add(buffer);
        // So that the first copy goes there already. What does not move now moves with the first
        // access, or says why.
        buffer.prefetch(device);
    }

    /** Copies a piece of every input from a slot, and lets outputs begin as zeros. */
    void load(IoSlots source, int slot, long nextPiece) {
        piece = nextPiece;
        int input = 0;
        for (int i = 0; i < buffers.size(); i++) {
            if (!files.arguments().get(i).output()) {
                source.memory()
                        .range(source.offset(slot, input++), bytes())
                        .copyTo(buffers.get(i), 0);
            } else if (used) { // absent pages are zeros
                buffers.get(i).range(0, bytes()).fill((byte) 0);
            }
        }
        used = true;
    }

    /** Has the kernel run over the piece. */
    void launch(OpenClProgram program, List<ScalarArgument> scalars) {
        for (int i = 0; i < buffers.size(); i++) {
            boolean output = files.arguments().get(i).output();
            AccessMode mode = output ? AccessMode.READ_WRITE : AccessMode.READ;
            accesses.add(buffers.get(i).range(0, bytes()).access(device, mode));
        }
        List<Object> arguments = new ArrayList<>(accesses);
        arguments.addAll(scalars);
        launch = program.launch(files.items(bytes()), arguments);
    }

    /** Waits for the kernel. {@return the time it took, in nanoseconds} */
    long await() {
        long nanos = launch.await();
        end();
        return nanos;
    }

    /** Copies a piece of every output to a slot. */
    void store(IoSlots target, int slot) {
        int output = 0;
        for (int i = 0; i < buffers.size(); i++) {
            if (files.arguments().get(i).output()) {
                buffers.get(i)
                        .range(0, bytes())
                        .copyTo(target.memory(), target.offset(slot, output++));
            }
        }
    }

    PageBuffer buffer(int file) {
        return buffers.get(file);
    }

    long bytes() {
        return files.bytes(piece);
    }

    /** Closing an access waits for the kernel. */
    private void end() {
        List<AutoCloseable> all = new ArrayList<>(accesses);
        if (launch != null) {
            all.add(launch);
        }
        accesses.clear();
        launch = null;
        CloseAll.inOrder(all);
    }

    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>();
        all.add(this::end);
        all.addAll(buffers);
        CloseAll.inOrder(all);
    }
}
