// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe.examples;

import io.highpage.Highpage;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.DeviceRoom;
import io.highpage.pipe.KernelCall;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelSource;
import io.highpage.pipe.PieceInput;
import io.highpage.pipe.PieceOutput;
import io.highpage.pipe.PipePool;
import io.highpage.pipe.PipeResult;
import io.highpage.pipe.PipeShape;
import io.highpage.pipe.Stages;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** Multiplies the floats of files by 0.5, on an OpenCL device: {@code Scale IN OUT [IN OUT]...}. */
public final class Scale {
    private static final KernelSource SOURCE = KernelSource.of("scale.cl", """
            kernel void scale(global const float *in, global float *out, float by) {
                out[get_global_id(0)] = in[get_global_id(0)] * by;
            }
            """);

    private static final PipeShape SHAPE = new PipeShape(1, 1, 4 << 20, 2);

    public static void main(String[] files) throws Exception {
        OpenClDevice device = Jocl.open(Devices.named("opencl"));
        try (Highpage hp = Highpage.builder().device(device).open();
                KernelProgram program = KernelProgram.compile(device, SOURCE, "scale");
                PipePool pool = new PipePool(new DeviceRoom(hp.budget(), hp.device()))) {
            KernelCall call =
                    new KernelCall(program, List.of(0.5f), Float.BYTES, OptionalLong.empty());
            for (int i = 0; i < files.length; i += 2) { // or many threads, each with its files
                Path in = Path.of(files[i]);
                PieceInput input = PieceInput.of(in, 0, Files.size(in));
                PieceOutput output = PieceOutput.of(Path.of(files[i + 1]));
                try (PipePool.Lease lease =
                        pool.lease(SHAPE, in.toString(), Duration.ofMinutes(1))) {
                    PipeResult result =
                            lease.pipe().run(List.of(input), call, List.of(output), Stages.THREADS);
                    System.out.println(in + ": " + result.pieces() + " pieces");
                }
            }
        }
    }
}
