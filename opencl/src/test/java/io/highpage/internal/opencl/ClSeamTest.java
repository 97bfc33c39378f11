// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class ClSeamTest {
    @Test
    void openCl_isCalledByOneClass() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            List<String> callers = sources.filter(Files::isRegularFile)
                    .filter(source -> text(source).contains("bindings.opencl.opencl_h"))
                    .map(source -> source.getFileName().toString())
                    .toList();
            assertThat(callers).containsExactly("Cl.java");
        }
    }

    private static String text(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void noLoader_isSaidWithWhatToInstall() {
        assertThat(ClLibrary.missing("libNoSuchOpenCL.so.1"))
                .hasValueSatisfying(missing -> assertThat(missing.why())
                        .startsWith("no OpenCL: libNoSuchOpenCL.so.1 is not installed")
                        .contains("apt-get install -y ocl-icd-libopencl1 pocl-opencl-icd"));
    }

    @Test
    void codes_haveNames() {
        assertThat(ClCodes.describe(-5)).isEqualTo("CL_OUT_OF_RESOURCES (-5)");
        assertThat(ClCodes.describe(-1001)).isEqualTo("CL_PLATFORM_NOT_FOUND_KHR (-1001)");
        assertThat(ClCodes.describe(-77777)).isEqualTo("an unknown code (-77777)");
    }
}
