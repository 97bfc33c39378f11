// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.constant.ModuleDesc;
import java.lang.module.ModuleFinder;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

class VersionsTest {
    @TempDir
    private Path folder;

    private Path jar(String file, String module, @Nullable String version) throws IOException {
        Path jar = folder.resolve(file);
        ModuleAttribute attribute = ModuleAttribute.of(ModuleDesc.of(module), descriptor -> {
            descriptor.requires(ModuleDesc.of("java.base"), ClassFile.ACC_MANDATED, null);
            if (version != null) {
                descriptor.moduleVersion(version);
            }
        });
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("module-info.class"));
            out.write(ClassFile.of().buildModule(attribute));
        }
        return jar;
    }

    private static String version(Path... path) throws IOException {
        URL[] urls = new URL[path.length];
        for (int i = 0; i < path.length; i++) {
            urls[i] = path[i].toUri().toURL();
        }
        try (URLClassLoader loader = new URLClassLoader(urls, null)) {
            return Versions.one(loader, null);
        }
    }

    @Test
    void oneVersion_andWhatIsNotHighpages_isFine() throws IOException {
        Path broken = folder.resolve("broken");
        Files.createDirectory(broken);
        Files.write(broken.resolve("module-info.class"), new byte[] {1, 2, 3});
        assertThat(version(
                        broken,
                        jar("a.jar", "io.highpage", "1.0"),
                        jar("b.jar", "io.highpage.opencl", "1.0"),
                        jar("same.jar", "io.highpage", "1.0"),
                        jar("c.jar", "org.other", "2.0"),
                        jar("d.jar", "io.highpagelike", "3.0"),
                        jar("e.jar", "io.highpage.unpacked", null)))
                .isEqualTo("1.0");
        assertThat(version()).isEmpty();
    }

    @Test
    void twoRuntimes_areNamedWithTheirPlaces() throws IOException {
        Path first = jar("first.jar", "io.highpage", "1.0");
        Path second = jar("second.jar", "io.highpage", "1.1");
        assertThatThrownBy(() -> version(first, second))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("two versions of Highpage")
                .hasMessageContaining("io.highpage 1.0 in file:" + first + ", and")
                .hasMessageContaining("io.highpage 1.1 in file:" + second + ": ")
                .hasMessageContaining("highpage-bom");
    }

    @Test
    void bridgeOfAnotherVersion_isNamed() throws IOException {
        assertThatThrownBy(() -> version(
                        jar("a.jar", "io.highpage", "1.0"),
                        jar("b.jar", "io.highpage.bindings", "1.0"),
                        jar("c.jar", "io.highpage.opencl", "0.9-SNAPSHOT")))
                .hasMessageContaining("io.highpage 1.0 in ")
                .hasMessageContaining("io.highpage.opencl 0.9-SNAPSHOT in ");
    }

    @Test
    void modulesOfOtherVersions_areNamed() throws IOException {
        Path modules = Files.createDirectory(folder.resolve("modules"));
        jar("modules/a.jar", "io.highpage.a", "1.0");
        jar("modules/b.jar", "io.highpage.b", "1.1");
        ModuleLayer layer = ModuleLayer.boot()
                .defineModulesWithOneLoader(
                        ModuleLayer.boot()
                                .configuration()
                                .resolve(
                                        ModuleFinder.of(modules),
                                        ModuleFinder.of(),
                                        Set.of("io.highpage.a", "io.highpage.b")),
                        null);
        try (URLClassLoader nothing = new URLClassLoader(new URL[0], null)) {
            assertThatThrownBy(() -> Versions.one(nothing, layer))
                    .hasMessageContaining(
                            "io.highpage.a 1.0 in " + modules.resolve("a.jar").toUri())
                    .hasMessageContaining(
                            "io.highpage.b 1.1 in " + modules.resolve("b.jar").toUri());
            assertThat(Versions.one(nothing, ModuleLayer.boot())).isNotEqualTo("1.0");
        }
    }

    @Test
    void whatALoaderHidesBehindItsOwn_isFine() throws IOException {
        URL[] server = {jar("server.jar", "io.highpage", "1.0").toUri().toURL()};
        URL[] application = {
            jar("application.jar", "io.highpage", "1.1").toUri().toURL()
        };
        try (URLClassLoader parent = new URLClassLoader(server, null);
                URLClassLoader loader = new URLClassLoader(application, parent)) {
            assertThat(Versions.one(loader, null)).isEqualTo("1.1");
        }
    }

    @Test
    void whatRunsHere_isOfOneVersion() {
        Versions.check();
    }
}
