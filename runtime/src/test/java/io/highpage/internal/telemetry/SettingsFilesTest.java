// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.testkit.faults.FaultInjectedEvent;

import jdk.jfr.Configuration;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.SettingDescriptor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The settings that come with the library are of its events, all of them, and of nothing else. */
class SettingsFilesTest {
    private static Map<String, String> settings(String name) throws Exception {
        String file = "/META-INF/highpage/highpage-" + name + ".jfc";
        try (Reader reader = new InputStreamReader(
                Highpage.class.getResourceAsStream(file), StandardCharsets.UTF_8)) {
            return new TreeMap<>(Configuration.create(reader).getSettings());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"continuous", "profile"})
    void file_namesEveryEvent_andSettingsThatItHas(String name) throws Exception {
        FlightRecorder.getFlightRecorder(); // is in use
        Told.look();
        Map<String, String> settings = settings(name);
        Set<String> known = new TreeSet<>();
        known.add("jdk.ActiveSetting#enabled"); // so that a recording says what it leaves out
        Set<String> switches = new TreeSet<>();
        for (Class<? extends Event> type : EventTableTest.all()) {
            if (type == FaultInjectedEvent.class) {
                continue; // of tests
            }
            String event = type.getAnnotation(Name.class).value();
            switches.add(event + "#enabled");
            if (type.getAnnotation(Period.class) != null) {
                known.add(event + "#period"); // which it has while a runtime is open
            }
            FlightRecorder.register(type);
            for (SettingDescriptor each : EventType.getEventType(type).getSettingDescriptors()) {
                known.add(event + "#" + each.getName());
            }
        }

        assertThat(known).containsAll(settings.keySet());
        assertThat(settings.keySet()).containsAll(switches);
    }

    /** Other recordings run all the time too: a pin must not cost a walk of the stack there. */
    @Test
    void events_thatNoSettingsName_areAsInTheContinuousOnes() throws Exception {
        FlightRecorder.getFlightRecorder(); // is in use
        Told.look();
        Map<String, String> continuous = settings("continuous");
        for (Class<? extends Event> type : EventTableTest.all()) {
            String event = type.getAnnotation(Name.class).value();
            FlightRecorder.register(type);
            for (SettingDescriptor each : EventType.getEventType(type).getSettingDescriptors()) {
                String set = continuous.get(event + "#" + each.getName());
                if (set != null && !each.getName().equals("period")) {
                    assertThat(each.getDefaultValue())
                            .as(event + "#" + each.getName())
                            .isEqualTo(set.equals("0 ms") ? "0 ns" : set);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"continuous", "profile"})
    void whatCanComeAMillionTimesASecond_isOffOrLimited_allTheTime(String name) throws Exception {
        Map<String, String> settings = settings(name);
        boolean limited = name.equals("continuous");
        for (String event : new String[] {"Migration", "Move", "Wait", "Pin", "Access"}) {
            assertThat(settings.get("io.highpage." + event + "#threshold").equals("0 ms"))
                    .as(event)
                    .isNotEqualTo(limited);
            assertThat(settings)
                    .containsEntry(
                            "io.highpage." + event + "#stackTrace", limited ? "false" : "true");
        }
        for (String event : new String[] {"Unpin", "AccessEnd"}) {
            assertThat(settings)
                    .containsEntry("io.highpage." + event + "#enabled", limited ? "false" : "true");
        }
        for (String event : new String[] {"Rejection", "BudgetReached"}) {
            assertThat(settings)
                    .containsEntry("io.highpage." + event + "#throttle", limited ? "100/s" : "off");
        }
    }
}
