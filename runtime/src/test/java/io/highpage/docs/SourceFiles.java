// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * The files of the project for tests that read them. What a build makes is not even looked into:
 * its files come and go meanwhile.
 */
public final class SourceFiles {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private SourceFiles() {}

    /** {@return the files below a folder with this ending, in order} */
    public static List<Path> below(Path folder, String ending) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path inside, BasicFileAttributes any) {
                String name = inside.getFileName().toString();
                return !inside.equals(folder) && (name.equals("target") || name.equals(".git"))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes any) {
                if (file.toString().endsWith(ending)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        Collections.sort(found);
        return found;
    }

    /** {@return the sources of all modules but jextract's, and programs run from their source} */
    static List<Path> own() throws IOException {
        return below(ROOT, ".java").stream()
                .filter(file -> !ROOT.relativize(file).startsWith("bindings"))
                .toList();
    }

    /** {@return those of them that are packed into jars} */
    static List<Path> main() throws IOException {
        List<Path> main = own().stream()
                .filter(file -> file.toString().contains("/src/main/java/"))
                .toList();
        assertThat(main).hasSizeGreaterThan(200);
        return main;
    }

    static JavacTask parser(List<Path> files) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        return (JavacTask) compiler.getTask(
                null,
                null,
                null,
                null,
                null,
                compiler.getStandardFileManager(null, null, null)
                        .getJavaFileObjectsFromPaths(files));
    }
}
