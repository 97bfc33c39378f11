// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program of somebody else's, outside of this build, which finds what this module depends on, and
 * the module itself, in a Maven repository of its own. What it needs besides is in the one that
 * this build uses. Closing it takes the links to that away.
 */
public final class OutsideProject implements AutoCloseable {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String GROUP = "io/highpage";
    private static final Pattern VERSION =
            Pattern.compile("<artifactId>highpage-bom</artifactId>\\s*<version>([^<]+)</version>");
    private static final Pattern ARTIFACT =
            Pattern.compile("<artifactId>(highpage-(?!parent)[\\w-]+)</artifactId>");

    private final Path folder;
    private final Path repository;

    private OutsideProject(Path folder, Path repository) {
        this.folder = folder;
        this.repository = repository;
    }

    /**
     * Makes the repository.
     *
     * @param folder empty; {@code project} in it is the project's
     */
    public static OutsideProject in(Path folder) throws IOException {
        Path repository = Files.createDirectories(folder.resolve("repository"));
        Path shared = Path.of(System.getProperty("localRepository"));
        linkAllBut(GROUP, shared, repository);
        OutsideProject project =
                new OutsideProject(Files.createDirectories(folder.resolve("project")), repository);
        try {
            project.publishAll();
        } catch (Throwable failed) {
            project.close();
            throw failed;
        }
        return project;
    }

    private void publishAll() throws IOException {
        publish("highpage-parent", ROOT, null);
        publish("highpage-bom", ROOT.resolve("bom"), null);
        Set<Path> entries = Stream.of(JavaProcess.classPath().split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().normalize())
                .filter(entry -> entry.startsWith(ROOT))
                .filter(entry -> entry.toString().matches(".*/target/(classes|.*\\.jar)"))
                .collect(Collectors.toSet());
        for (Path built : entries) {
            Path module = ROOT.resolve(ROOT.relativize(built).getName(0));
            Matcher name = ARTIFACT.matcher(Files.readString(module.resolve("pom.xml")));
            assertThat(name.find()).as("%s", module).isTrue();
            publish(name.group(1), module, built);
        }
    }

    /** {@return the version of everything that this build makes} */
    public static String version() throws IOException {
        Matcher version = VERSION.matcher(Files.readString(ROOT.resolve("bom/pom.xml")));
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    /** Links what is there, so that nothing is fetched or copied again. */
    private static void linkAllBut(String left, Path from, Path to) throws IOException {
        Path first = Path.of(left).getName(0);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(from)) {
            for (Path entry : entries) {
                if (!entry.endsWith(first)) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
                }
            }
        }
        Path inner = from.resolve(first);
        if (!first.toString().equals(left) && Files.exists(inner)) {
            String rest = first.relativize(Path.of(left)).toString();
            linkAllBut(rest, inner, Files.createDirectories(to.resolve(first)));
        }
    }

    private void publish(String artifact, Path module, Path built) throws IOException {
        Path place = repository.resolve(GROUP).resolve(artifact).resolve(version());
        Files.createDirectories(place);
        String name = artifact + "-" + version();
        Files.copy(module.resolve("pom.xml"), place.resolve(name + ".pom"));
        Path jar = place.resolve(name + ".jar");
        if (built != null && Files.isDirectory(built)) { // before it is packaged
            ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
            int made = tool.run(
                    System.out, System.err, "-cf", jar.toString(), "-C", built.toString(), ".");
            assertThat(made).isZero();
        } else if (built != null) {
            Files.copy(built, jar);
        }
    }

    /** Writes one of the project's files, and the folders that it lies in. */
    public void write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    /** {@return one of the project's files or folders} */
    public Path path(String file) {
        return folder.resolve(file);
    }

    /**
     * {@return commands of a shell, about to be started in the project's folder; {@code mvn} takes
     * this build's artifacts from the repository and says something only if it fails,
     * {@code REPOSITORY} in the environment is that one, and {@code java} is this one}
     */
    public ProcessBuilder shell(String commands) {
        String maven = """
                mvn() {
                    command mvn -B -ntp "-Dmaven.repo.local=%s" "$@" >mvn.log 2>&1 && return
                    cat mvn.log
                    return 1
                }
                """.formatted(repository);
        ProcessBuilder shell = new ProcessBuilder("sh", "-e", "-c", maven + commands)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        String java = System.getProperty("java.home");
        shell.environment().put("JAVA_HOME", java);
        shell.environment().put("REPOSITORY", repository.toString());
        shell.environment()
                .merge("PATH", java + "/bin", (path, own) -> own + File.pathSeparator + path);
        return shell;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> all = Files.walk(repository)) {
            for (Path link : all.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }
}
