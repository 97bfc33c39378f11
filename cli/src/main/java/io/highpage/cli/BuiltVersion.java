// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;

/** The version that the build wrote down, and what runs it. */
final class BuiltVersion {
    private BuiltVersion() {}

    /** {@return what {@code --version} prints} */
    static List<String> lines() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = BuiltVersion.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        }
        return List.of(
                "highpage " + properties.getProperty("version"),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch"));
    }
}
