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
                Path file = folder.resolve("highpage-" + nameOrFile + ".jfc");
                try (InputStream own =
                        Settings.class.getResourceAsStream("highpage-" + nameOrFile + ".jfc")) {
                    Files.copy(own, file);
                }
                return file;
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
}
