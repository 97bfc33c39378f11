// SPDX-License-Identifier: Apache-2.0
package io.highpage.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.host.HostDevice;
import io.highpage.management.HighpageMXBean;
import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.RuntimeStatistics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares the table of counters with the snapshot, the bean and the meters. */
class CountersTableTest {
    /** What says of which thing a row is, and is no counter itself. */
    private static final Set<String> NAMES =
            Set.of("Budgets.name", "Budgets.memory", "Devices.name", "Devices.lost", "Version");

    private static final List<String[]> ROWS = new ArrayList<>();

    @BeforeAll
    static void read() throws IOException {
        String text = Files.readString(Path.of("..", "docs", "telemetry.md"));
        text.substring(text.indexOf("<!-- counters -->"), text.indexOf("<!-- /counters -->"))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .forEach(line -> ROWS.add(Arrays.stream(line.split("\\|"))
                        .skip(1)
                        .map(cell -> cell.strip().replace("`", ""))
                        .toArray(String[]::new)));
    }

    private static List<String> column(int index) {
        return ROWS.stream().map(row -> row[index]).toList();
    }

    @Test
    void snapshot_isTheTables() {
        List<String> names = new ArrayList<>();
        for (Method method : RuntimeStatistics.class.getMethods()) {
            switch (method.getName()) {
                case "devices" -> names.addAll(accessors("devices.", DeviceTraffic.class));
                case "budget" -> names.addAll(accessors("budget.", BudgetInfo.Share.class));
                case "toString" -> {}
                default -> names.add(method.getName());
            }
        }
        names.remove("budget.memory");
        assertThat(column(0)).containsExactlyInAnyOrderElementsOf(names);
    }

    private static List<String> accessors(String before, Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .map(method -> before + method.getName())
                .toList();
    }

    @Test
    void bean_isTheTables() {
        List<String> names = new ArrayList<>();
        for (Method method : HighpageMXBean.class.getMethods()) {
            if (!method.getName().startsWith("get")) {
                continue; // an operation
            }
            String name = method.getName().substring("get".length());
            if (method.getGenericReturnType() instanceof ParameterizedType list
                    && list.getActualTypeArguments()[0] instanceof Class<?> type
                    && type.isRecord()) {
                Stream.of(type.getRecordComponents())
                        .map(RecordComponent::getName)
                        .forEach(component -> names.add(name + "." + component));
            } else {
                names.add(name);
            }
        }
        names.removeAll(NAMES);
        assertThat(column(1)).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void meters_areTheTables_withTheirUnits() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Highpage runtime =
                        Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
                HighpageMetrics metrics = HighpageMetrics.of(runtime)) {
            metrics.bindTo(registry);
            Set<String> found = registry.getMeters().stream()
                    .map(Meter::getId)
                    .map(id ->
                            id.getName() + " " + Objects.requireNonNullElse(id.getBaseUnit(), ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> told = ROWS.stream()
                    .filter(row -> row[2].startsWith("highpage."))
                    .filter(row -> !row[0].equals("waits")) // a timer has both
                    .map(row -> row[2] + " " + row[3].replace("ns", "seconds"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(found).isEqualTo(told);
        } finally {
            registry.close();
        }
    }
}
