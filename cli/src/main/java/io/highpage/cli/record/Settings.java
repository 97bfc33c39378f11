// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.record;

import io.highpage.cli.console.UserError;

import jdk.jfr.Configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Objects;

/** What is recorded: one of Highpage's own settings, or a file that the user has. */
final class Settings {
    private static final List<String> OWN = List.of("continuous", "profile");

    private Settings() {}

    /**
     * {@return the file with the settings}
     *
     * @param nameOrFile what the user asked for
     * @param folder where Highpage's own are put
     * @throws UserError if there is no such file, or it has no settings of the flight recorder
     */
    static Path file(String nameOrFile, Path folder) {
        try {
            if (OWN.contains(nameOrFile)) {
                return own("highpage-" + nameOrFile + ".jfc", folder);
            }
            Path file = Path.of(nameOrFile).toAbsolutePath();
            if (!Files.exists(file) && !nameOrFile.contains(".")) {
                throw UserError.usage("--settings " + nameOrFile + " is none of "
                        + String.join(", ", OWN) + ", and no file");
            }
            Configuration.create(file);
            return file;
        } catch (ParseException | InvalidPathException malformed) {
            throw UserError.failed(
                    "--settings " + nameOrFile + " has no settings of the flight recorder: "
                            + malformed.getMessage(),
                    malformed);
        } catch (IOException e) {
            throw UserError.io("cannot read --settings " + nameOrFile, e);
        }
    }

    /** The runtime has them, so that programs can use them without this command. */
    private static Path own(String name, Path folder) {
        Path file = folder.resolve(name);
        ClassLoader loader = Settings.class.getClassLoader();
        try (InputStream own = loader.getResourceAsStream("META-INF/highpage/" + name)) {
            Files.copy(Objects.requireNonNull(own), file);
        } catch (IOException e) {
            throw UserError.io("cannot write " + file, e);
        }
        return file;
    }
}
