// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.console.Units;
import io.highpage.cli.recording.Recording;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * One page for a browser: tables, and a program that draws. It needs nothing else and may load
 * nothing else; names in recordings are text in it and nothing more.
 */
public final class TimelinePage implements TimelineFormat {
    @Override
    public String suffix() {
        return ".html";
    }

    @Override
    public void write(List<Recording> recordings, Part part, OutputStream out) throws IOException {
        List<Axis> axes = recordings.stream().map(part::of).toList();
        List<Timeline> all = new ArrayList<>();
        for (int i = 0; i < axes.size(); i++) {
            all.add(Timeline.of(recordings.get(i), axes.get(i)));
        }
        List<String> names = names(all);
        out.write(html(all, names).getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> names(List<Timeline> all) {
        List<String> names = new ArrayList<>();
        for (Timeline each : all) {
            Path file = each.recording.path().getFileName();
            String name = Cell.shown(String.valueOf(file));
            names.add(all.size() == 1 ? name : (char) ('A' + names.size()) + ": " + name);
        }
        return names;
    }

    private static String html(List<Timeline> all, List<String> names) throws IOException {
        String program = resource("page.js");
        StringBuilder page = new StringBuilder(head(String.join(", ", names), hash(program)));
        page.append("<body>\n<h1>Highpage timeline</h1>\n");
        for (int i = 0; i < all.size(); i++) {
            page.append(heading(all.get(i), names.get(i)));
        }
        page.append("<noscript><p class=\"notice\">JavaScript is off here, so that nothing is"
                        + " drawn. All numbers are in the tables.</p></noscript>\n")
                .append("<section id=\"drawn\" aria-label=\"Timeline\" hidden></section>\n")
                .append("<h2>Numbers</h2>\n")
                .append(Tables.totals(all, names));
        for (int i = 0; i < all.size(); i++) {
            page.append(all.size() == 1 ? "" : "<h2>" + bdi(names.get(i)) + "</h2>\n")
                    .append(new Tables("r" + i + "-", all.get(i)).html());
        }
        return page.append("<script type=\"application/json\" id=\"data\">")
                .append(PageData.json(all, names))
                .append("</script>\n<script>" + program + "</script>\n</body>\n</html>\n")
                .toString();
    }

    private static String head(String title, String hash) throws IOException {
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
                + " base-uri 'none'; form-action 'none'; style-src 'unsafe-inline';"
                + " script-src 'sha256-" + hash + "'\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<title>" + Cell.escaped(title) + " - Highpage timeline</title>\n<style>\n"
                + resource("page.css") + "</style>\n</head>\n";
    }

    private static String heading(Timeline timeline, String name) {
        String cut = timeline.recording
                .cut()
                .map(words -> "<p class=\"notice\">This recording is not whole: "
                        + Cell.escaped(words) + ".</p>\n")
                .orElse("");
        Axis axis = timeline.axis;
        String all = Cell.nanos(timeline.recording.nanos()) + " from " + timeline.recording.start();
        String shown = axis.isPart()
                ? Cell.nanos(axis.nanos()) + " from " + Cell.nanos(axis.from()) + " on, of " + all
                : all;
        return "<p>" + bdi(name) + ": " + shown + ", " + Units.count(timeline.count(), "event")
                + ".</p>\n" + cut;
    }

    private static String bdi(String text) {
        return "<bdi>" + Cell.escaped(text) + "</bdi>";
    }

    private static String resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(TimelinePage.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String hash(String program) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256")
                            .digest(program.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
