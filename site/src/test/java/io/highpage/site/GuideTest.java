// SPDX-License-Identifier: Apache-2.0
package io.highpage.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

class GuideTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK =
            Pattern.compile("(?:href|src)=\"(?!https?:)([^\"#]*)(#[^\"]+)?\"");

    @TempDir
    private Path folder;

    @Test
    void everyLink_leadsToAPageAndAHeading() throws IOException {
        Path target = folder.resolve("guide");
        Files.createDirectories(folder.resolve("api"));
        Files.createFile(folder.resolve("api/index.html")); // made by javadoc
        assertThat(Guide.render(ROOT, target)).isGreaterThan(100);
        int count = 0;
        for (Path page : pages(target)) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                Path to = link.group(1).isEmpty()
                        ? page
                        : page.resolveSibling(link.group(1)).normalize();
                assertThat(to).as("%s of %s", link.group(), page).exists();
                if (link.group(2) != null) {
                    assertThat(Files.readString(to))
                            .as("%s of %s", link.group(), page)
                            .contains("id=\"" + link.group(2).substring(1) + "\"");
                }
                count++;
            }
        }
        assertThat(count).isGreaterThan(500);
    }

    /** A document that nothing leads to is not in the guide, so nobody would read it. */
    @Test
    void everyDocument_isReached() throws IOException {
        Path target = folder.resolve("guide");
        Guide.render(ROOT, target);
        try (Stream<Path> all = Files.walk(ROOT.resolve("docs"))) {
            List<Path> documents =
                    all.filter(file -> file.toString().endsWith(".md")).toList();
            assertThat(documents).isNotEmpty().allSatisfy(document -> {
                String name = ROOT.relativize(document).toString();
                assertThat(target.resolve(name.replaceFirst("md$", "html"))).exists();
            });
        }
    }

    @Test
    void linkThatLeadsNowhere_isNamedWithItsDocument() throws IOException {
        Files.writeString(folder.resolve("README.md"), "# One\n\n[two](docs/two.md#three)\n");
        assertThatIllegalStateException()
                .isThrownBy(() -> Guide.render(folder, folder.resolve("guide")))
                .withMessageContaining("the link docs/two.md#three of README.md leads to nothing");
    }

    private static List<Path> pages(Path target) throws IOException {
        try (Stream<Path> all = Files.walk(target)) {
            return all.filter(file -> file.toString().endsWith(".html")).toList();
        }
    }
}
