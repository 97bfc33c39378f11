// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which packages say what may be null; the compiler checks those that do. */
class NullMarkedTest {
    private static final Path ROOT = Path.of("..");

    /** The generated ones, which never will. */
    private static final Set<String> UNMARKED = Set.of("bindings.linux", "bindings.opencl");

    @Test
    void everyPackageOfAModule_isMarked() throws IOException {
        Set<String> unmarked = new TreeSet<>();
        int marked = 0;
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.map(each -> each.resolve("src/main/java"))
                    .filter(NullMarkedTest::isChecked)
                    .toList()) {
                try (Stream<Path> files = Files.walk(module)) {
                    for (Path file : files.filter(each -> each.endsWith("package-info.java"))
                            .toList()) {
                        if (Files.readString(file).contains("\n@NullMarked\n")) {
                            marked++;
                        } else {
                            unmarked.add(module.resolve("io/highpage")
                                    .relativize(file.getParent())
                                    .toString()
                                    .replace('/', '.'));
                        }
                    }
                }
            }
        }
        assertThat(unmarked).isEqualTo(UNMARKED);
        assertThat(marked).isGreaterThan(10);
    }

    /** Whether the compiler does: in modules, and where a pom says so. */
    private static boolean isChecked(Path sources) {
        try {
            return Files.exists(sources.resolve("module-info.java"))
                    || Files.exists(sources)
                            && Files.readString(sources.resolve("../../../pom.xml"))
                                    .contains("<id>nulls</id>");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** As a transitive one javac would look for it when a program's own module is compiled. */
    @Test
    void annotations_areAskedOfNoProgram() throws IOException {
        int modules = 0;
        for (Path info : SourceFiles.below(ROOT, "module-info.java")) {
            String text = Files.readString(info);
            if (text.contains("org.jspecify")) {
                assertThat(text).as("%s", info).contains("requires static org.jspecify;");
                modules++;
            }
        }
        assertThat(modules).isGreaterThan(5);
    }
}
