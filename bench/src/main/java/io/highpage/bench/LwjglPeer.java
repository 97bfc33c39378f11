// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.lwjgl.opencl.CL10.CL_MAP_READ;
import static org.lwjgl.opencl.CL10.CL_MAP_WRITE;
import static org.lwjgl.opencl.CL10.CL_MEM_ALLOC_HOST_PTR;
import static org.lwjgl.opencl.CL10.CL_MEM_READ_WRITE;
import static org.lwjgl.opencl.CL10.clCreateBuffer;
import static org.lwjgl.opencl.CL10.clEnqueueMapBuffer;
import static org.lwjgl.opencl.CL10.clEnqueueReadBuffer;
import static org.lwjgl.opencl.CL10.clEnqueueUnmapMemObject;
import static org.lwjgl.opencl.CL10.clEnqueueWriteBuffer;
import static org.lwjgl.opencl.CL10.clFinish;
import static org.lwjgl.opencl.CL10.clReleaseMemObject;
import static org.lwjgl.opencl.CL20.clEnqueueSVMMemcpy;
import static org.lwjgl.opencl.CL20.clSVMAlloc;
import static org.lwjgl.opencl.CL20.clSVMFree;

import io.highpage.opencl.OpenClDevice;

import org.lwjgl.BufferUtils;
import org.lwjgl.system.Configuration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Round trips as programs with LWJGL make them: host memory to the device and back, each call
 * blocking.
 */
final class LwjglPeer implements Peer {
    static {
        // The name that LWJGL looks for by itself is a link that only development packages have.
        Configuration.OPENCL_LIBRARY_NAME.set("libOpenCL.so.1");
        Configuration.SHARED_LIBRARY_EXTRACT_PATH.set(folderOfOurOwn().toString());
    }

    /**
     * LWJGL loads what lies in the temporary folder under a name that anybody knows if its CRC is
     * right, which anybody can make.
     */
    private static Path folderOfOurOwn() {
        try {
            Path folder = Files.createTempDirectory("highpage-lwjgl-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder), "lwjgl"));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException left) {
            // a few files in a folder that nobody else can enter
        }
    }

    private final int byteSize;
    private final ByteBuffer host;
    private final IntBuffer hostInts;
    private int[] array; // LWJGL takes no byte arrays; null until somebody asks for this way
    private final long context;
    private final long queue;
    private final long buffer;
    private final long pageLockedBuffer;
    private final ByteBuffer pageLocked;
    private final ByteBuffer svm; // null if the device has no SVM

    /** On a device's own context and queue, which have to stay. */
    LwjglPeer(OpenClDevice device, int byteSize, boolean hasSvm) {
        this.byteSize = byteSize;
        host = ByteBuffer.allocateDirect(byteSize).order(ByteOrder.nativeOrder());
        hostInts = host.asIntBuffer();
        context = device.context().address();
        queue = device.queue().address();
        buffer = create(CL_MEM_READ_WRITE);
        pageLockedBuffer = create(CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR);
        pageLocked = map(pageLockedBuffer, CL_MAP_READ | CL_MAP_WRITE);
        svm = hasSvm ? clSVMAlloc(context, CL_MEM_READ_WRITE, byteSize, 0) : null;
    }

    private long create(long flags) {
        IntBuffer status = BufferUtils.createIntBuffer(1);
        long made = clCreateBuffer(context, flags, byteSize, status);
        check(status.get(0));
        return made;
    }

    private ByteBuffer map(long memory, long flags) {
        return clEnqueueMapBuffer(
                queue, memory, true, flags, 0, byteSize, null, null, (int[]) null, null);
    }

    private static void check(int status) {
        if (status != 0) {
            throw new IllegalStateException("OpenCL failed: " + status);
        }
    }

    @Override
    public void svmMemcpy() {
        check(clEnqueueSVMMemcpy(queue, true, svm, host, null, null));
        check(clEnqueueSVMMemcpy(queue, true, host, svm, null, null));
    }

    @Override
    public void writeAndRead() {
        check(clEnqueueWriteBuffer(queue, buffer, true, 0, host, null, null));
        check(clEnqueueReadBuffer(queue, buffer, true, 0, host, null, null));
    }

    /**
     * The driver's own page-locked memory, written from and read into: what the link to the device
     * gives.
     */
    void pageLockedWriteAndRead() {
        check(clEnqueueWriteBuffer(queue, buffer, true, 0, pageLocked, null, null));
        check(clEnqueueReadBuffer(queue, buffer, true, 0, pageLocked, null, null));
    }

    @Override
    public void mapAndCopy() {
        ByteBuffer in = map(buffer, CL_MAP_WRITE);
        in.put(0, host, 0, byteSize);
        check(clEnqueueUnmapMemObject(queue, buffer, in, null, null));
        ByteBuffer out = map(buffer, CL_MAP_READ);
        host.put(0, out, 0, byteSize);
        check(clEnqueueUnmapMemObject(queue, buffer, out, null, null));
        check(clFinish(queue));
    }

    @Override
    public void throughArray() {
        if (array == null) { // a collector at work on it would be measured with all the other ways
            array = new int[byteSize / Integer.BYTES];
        }
        hostInts.get(0, array);
        check(clEnqueueWriteBuffer(queue, buffer, true, 0, array, null, null));
        check(clEnqueueReadBuffer(queue, buffer, true, 0, array, null, null));
        hostInts.put(0, array);
    }

    @Override
    public void close() {
        check(clEnqueueUnmapMemObject(queue, pageLockedBuffer, pageLocked, null, null));
        check(clFinish(queue));
        clReleaseMemObject(pageLockedBuffer);
        clReleaseMemObject(buffer);
        if (svm != null) {
            clSVMFree(context, svm);
        }
    }
}
