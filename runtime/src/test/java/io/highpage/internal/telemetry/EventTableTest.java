// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.faults.FaultInjectedEvent;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Keeps the table of events in the documentation equal to the classes. */
class EventTableTest {
    private static final Path DOCUMENT = Path.of("../docs/telemetry.md");
    private static final Path SOURCES = Path.of("src/main/java/io/highpage/internal/telemetry");
    private static final Pattern TABLE = Pattern.compile(
            "<!-- events -->\n\\|[^\n]*\n\\|[^\n]*\n(.*?)<!-- end -->", Pattern.DOTALL);

    /** {@return every class of an event, by its source} */
    static List<Class<? extends Event>> all() throws Exception {
        List<Class<? extends Event>> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith("Event.java")) {
                    all.add(Class.forName(
                                    Told.class.getPackageName() + "." + name.replace(".java", ""))
                            .asSubclass(Event.class));
                }
            }
        }
        all.add(FaultInjectedEvent.class);
        return all;
    }

    /** {@return its fields, those of what it is a kind of first} */
    private static List<Field> fields(Class<?> type) {
        List<Field> all = new ArrayList<>();
        for (Class<?> of = type; of != Told.class && of != Event.class; of = of.getSuperclass()) {
            all.addAll(
                    0,
                    Arrays.stream(of.getDeclaredFields())
                            .filter(field -> !Modifier.isStatic(field.getModifiers()))
                            .filter(field -> !Modifier.isTransient(field.getModifiers()))
                            .toList());
        }
        return all;
    }

    private static String row(Class<? extends Event> type) {
        return "| `" + type.getAnnotation(Name.class).value() + "` | "
                + type.getAnnotation(Description.class).value() + " | " + kind(type) + " | "
                + fields(type).stream().map(EventTableTest::cell).collect(Collectors.joining(", "))
                + " |";
    }

    private static String kind(Class<? extends Event> type) {
        StackTrace stack = type.getAnnotation(StackTrace.class);
        String stacks = stack != null && !stack.value() ? "" : ", stack";
        if (type.getAnnotation(Period.class) != null) {
            assertThat(type.getAnnotation(Period.class).value()).isEqualTo("1 s");
            return "every second" + stacks;
        }
        boolean lasts = Arrays.stream(type.getDeclaredMethods())
                .anyMatch(method -> method.getName().equals("begun"));
        return (lasts ? "duration" : "instant") + stacks;
    }

    private static String cell(Field field) {
        DataAmount bytes = field.getAnnotation(DataAmount.class);
        Timespan time = field.getAnnotation(Timespan.class);
        if (bytes != null) {
            assertThat(bytes.value()).isEqualTo(DataAmount.BYTES);
        }
        if (time != null) {
            assertThat(time.value()).isEqualTo(Timespan.NANOSECONDS);
        }
        return "`" + field.getName() + "`" + (bytes != null ? " B" : time != null ? " ns" : "");
    }

    @Test
    void table_isThatOfTheClasses() throws Exception {
        Matcher table = TABLE.matcher(Files.readString(DOCUMENT));
        assertThat(table.find()).isTrue();
        List<String> rows = new ArrayList<>();
        for (Class<? extends Event> type : all()) {
            rows.add(row(type));
        }

        assertThat(table.group(1).lines()).containsExactlyInAnyOrderElementsOf(rows);
    }

    @Test
    void classes_haveWhatViewersShow() throws Exception {
        for (Class<? extends Event> type : all()) {
            String name = type.getAnnotation(Name.class).value();
            assertThat("io.highpage." + type.getSimpleName().replaceFirst("Event$", ""))
                    .isEqualTo(name);
            assertThat(type.getAnnotation(Label.class)).as(name).isNotNull();
            assertThat(type.getAnnotation(Category.class).value()).as(name).startsWith("Highpage");
            for (Field field : fields(type)) {
                assertThat(Modifier.isPublic(field.getModifiers()))
                        .as(field.toString())
                        .isTrue();
                assertThat(field.getAnnotation(Label.class))
                        .as(field.toString())
                        .isNotNull();
            }
        }
    }

    /** Near the end of stack or heap no class can be loaded any more. */
    @Test
    void load_knowsAllOfThoseThatTellOfAnOperation() throws IOException, Exception {
        String source = Files.readString(SOURCES.resolve("Told.java"));
        for (Class<? extends Event> type : all()) {
            if (Told.class.isAssignableFrom(type)) {
                assertThat(source).contains("new " + type.getSimpleName() + "(),");
            }
        }
    }
}
