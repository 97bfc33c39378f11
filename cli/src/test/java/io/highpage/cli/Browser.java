// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Chromium without a window, told what to do by its DevTools protocol over two pipes: each
 * message is JSON, and ends with a zero. Confined to one thread.
 */
final class Browser implements AutoCloseable {
    private static final String NAME = "chromium";
    /** Far more than it needs on a busy machine; one that hangs must not hang the build. */
    private static final long SECONDS = 300;

    private final ObjectMapper mapper = new ObjectMapper();
    private final Process process;
    private final OutputStream out;
    private final InputStream in;
    private final Path log;
    private final List<String> complaints = new ArrayList<>();
    private String session = "";
    private String loaded = "";
    private int lastId;

    private Browser(Process process, OutputStream out, InputStream in, Path log) {
        this.process = process;
        this.out = out;
        this.in = in;
        this.log = log;
    }

    /** Leaves tests out where there is none, unless it has to be there. */
    static void assumeThere() {
        boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, NAME)));
        if (!there) {
            String text = "no browser: apt-get install -y chromium";
            if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_CHROMIUM"))) {
                fail(text);
            }
            abort(text);
        }
    }

    /**
     * Starts one.
     *
     * @param folder for what it keeps
     */
    static Browser open(Path folder) throws IOException, InterruptedException {
        String to = folder.resolve("to").toString();
        String from = folder.resolve("from").toString();
        assertThat(new ProcessBuilder("mkfifo", to, from).start().waitFor()).isZero();
        Path log = folder.resolve("browser.log");
        String options = " --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
                + " --remote-debugging-pipe --no-first-run --disable-background-networking"
                + " --disable-component-update --disable-extensions --hide-scrollbars"
                + " --force-device-scale-factor=1 --user-data-dir=";
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "-c",
                        "exec " + NAME + options + "'" + folder.resolve("profile") + "' 3<'" + to
                                + "' 4>'" + from + "'")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().remove("LD_PRELOAD");
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS)
                .execute(process::destroyForcibly);
        OutputStream out = new FileOutputStream(to);
        return new Browser(process, out, new BufferedInputStream(new FileInputStream(from)), log);
    }

    /** Opens a page in a new tab, as wide as told. */
    void show(Path page, int width, boolean isDark, boolean hasScripts) throws IOException {
        session = "";
        String target = call("Target.createTarget", Map.of("url", "about:blank"))
                .get("targetId")
                .asText();
        session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asText();
        complaints.clear();
        call("Page.enable", Map.of());
        call("Runtime.enable", Map.of());
        call("Log.enable", Map.of());
        size(width, 800);
        call(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of(
                                "name",
                                "prefers-color-scheme",
                                "value",
                                isDark ? "dark" : "light"))));
        call("Emulation.setScriptExecutionDisabled", Map.of("value", !hasScripts));
        loaded = "";
        call("Page.navigate", Map.of("url", page.toUri().toString()));
        while (!loaded.equals(session)) {
            read();
        }
        if (hasScripts) {
            settle();
        }
    }

    void size(int width, int height) throws IOException {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Waits until what was asked for is drawn. */
    void settle() throws IOException {
        eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
                + "() => done(1))))");
    }

    /** {@return the value of an expression in the page} */
    JsonNode eval(String expression) throws IOException {
        JsonNode result = call(
                "Runtime.evaluate",
                Map.of(
                        "expression", expression,
                        "returnByValue", true,
                        "awaitPromise", true));
        assertThat(result.has("exceptionDetails"))
                .as("%s: %s", expression, result)
                .isFalse();
        return result.get("result").path("value");
    }

    void key(String key, int modifiers) throws IOException {
        for (String type : List.of("keyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    Map.of(
                            "type", type,
                            "key", key,
                            "text", key.length() == 1 && type.equals("keyDown") ? key : "",
                            "modifiers", modifiers));
        }
        settle();
    }

    void mouse(String type, double x, double y, Map<String, Object> more) throws IOException {
        Map<String, Object> all = new java.util.HashMap<>(more);
        all.putAll(Map.of("type", type, "x", x, "y", y));
        call("Input.dispatchMouseEvent", all);
        settle();
    }

    /** {@return what the page looks like, as PNG} */
    byte[] picture(int width, int height) throws IOException {
        size(width, height);
        settle();
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", Map.of("format", "png"))
                        .get("data")
                        .asText());
    }

    /** {@return what the page wrote to the console, and errors in it} */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    JsonNode call(String method, Map<String, ?> parameters) throws IOException {
        int id = ++lastId;
        Map<String, Object> message = new java.util.HashMap<>();
        message.putAll(Map.of("id", id, "method", method, "params", parameters));
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        out.write(mapper.writeValueAsBytes(message));
        out.write(0);
        out.flush();
        while (true) {
            JsonNode answer = read();
            if (answer.path("id").asInt() == id) {
                assertThat(answer.has("error")).as("%s: %s", method, answer).isFalse();
                return answer.get("result");
            }
        }
    }

    private JsonNode read() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next != 0; next = in.read()) {
            if (next < 0) {
                throw new IOException("the browser ended: " + Files.readString(log));
            }
            bytes.write(next);
        }
        JsonNode message = mapper.readTree(bytes.toString(StandardCharsets.UTF_8));
        switch (message.path("method").asText()) {
            case "Page.loadEventFired" -> loaded = message.path("sessionId").asText();
            case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded" ->
                complaints.add(message.get("params").toString());
            default -> {}
        }
        return message;
    }

    @Override
    public void close() throws IOException {
        session = "";
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        in.close();
        out.close();
    }
}
