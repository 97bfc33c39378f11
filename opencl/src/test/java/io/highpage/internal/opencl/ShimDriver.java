// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The OpenCL driver for tests that behaves like those of GPUs, for a JVM of its own;
 * {@code native/README.md} lists its settings. A process has one set of settings, and PoCL is
 * changed for good when the shim has been loaded before it: so it is never used in the JVM of other
 * tests.
 */
public final class ShimDriver {
    private static final Path LIBRARY = Path.of("../native/target/cmake/plain/libclshim.so")
            .toAbsolutePath()
            .normalize();

    private ShimDriver() {}

    /**
     * {@return the environment in which the shim is the only OpenCL driver}
     *
     * @param folder where its registration is put
     * @param settings such as {@code "SHIM_SVM=coarse"}
     */
    public static Map<String, String> alone(Path folder, String... settings) throws IOException {
        return registered(folder, List.of(library()), settings);
    }

    /**
     * {@return the environment in which drivers are registered}
     *
     * @param folder where their registrations are put, in the order given
     * @param drivers libraries, each as a line of an {@code .icd} file
     * @param settings such as {@code "SHIM_SVM=coarse"}
     */
    public static Map<String, String> registered(
            Path folder, List<String> drivers, String... settings) throws IOException {
        for (int i = 0; i < drivers.size(); i++) {
            Files.writeString(folder.resolve(i + ".icd"), drivers.get(i) + "\n");
        }
        Map<String, String> environment =
                new HashMap<>(Map.of("OCL_ICD_VENDORS", folder.toString()));
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        return environment;
    }

    /** {@return the shim; ends the test where it is not built, or nothing loads drivers} */
    public static String library() {
        Cl.missing().ifPresent(FirstDevice::missing);
        if (!Files.exists(LIBRARY)) {
            FirstDevice.missing(
                    "the OpenCL driver for tests is not built; install: opencl-headers cmake gcc");
        }
        return LIBRARY.toString();
    }
}
