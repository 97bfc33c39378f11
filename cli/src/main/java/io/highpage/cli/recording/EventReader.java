// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.recording;

import io.highpage.cli.console.UserError;

import jdk.jfr.EventType;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes records of events, by the names of both: of the events and of their fields. */
final class EventReader {
    private static final String EVENTS = "io.highpage.";
    private static final Map<String, Form> FORMS = forms();
    /** What is told again and again is kept once, but not without end. */
    private static final int TEXTS_MAX = 10_000;

    private final Path path;
    private final Instant start;
    private final Map<Long, Optional<Type>> types = new HashMap<>();
    private final Map<String, String> texts = new HashMap<>();
    private boolean hasRead;

    EventReader(Path path, Instant start) {
        this.path = path;
        this.start = start;
    }

    /** How a record is made. */
    private record Form(List<RecordComponent> fields, MethodHandle maker) {}

    /** Has the value of a field of an event. */
    @FunctionalInterface
    private interface Field {
        Object of(RecordedEvent event);
    }

    /** How the events of a type in a recording become records. */
    private record Type(MethodHandle maker, List<Field> fields) {}

    private static Map<String, Form> forms() {
        Map<String, Form> forms = new HashMap<>();
        for (Class<?> each : Recorded.class.getPermittedSubclasses()) {
            RecordComponent[] fields = each.getRecordComponents();
            try {
                Constructor<?> constructor = each.getDeclaredConstructor(Arrays.stream(fields)
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new));
                MethodHandle maker = MethodHandles.lookup()
                        .unreflectConstructor(constructor)
                        .asSpreader(Object[].class, fields.length);
                forms.put(
                        EVENTS + each.getSimpleName(),
                        new Form(
                                List.of(fields).subList(1, fields.length),
                                maker.asType(maker.type().changeReturnType(Recorded.class))));
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }
        return Map.copyOf(forms);
    }

    /** {@return whether any event became a record} */
    boolean hasRead() {
        return hasRead;
    }

    /** {@return whether events of Highpage are among these} */
    boolean knows(List<EventType> all) {
        return all.stream().anyMatch(type -> FORMS.containsKey(type.getName()));
    }

    /** {@return what an event told, if it is one of Highpage's} */
    Optional<Recorded> read(RecordedEvent event) {
        EventType known = event.getEventType();
        Optional<Type> type = types.get(known.getId());
        if (type == null) {
            type = Optional.ofNullable(FORMS.get(known.getName())).map(form -> type(known, form));
            types.put(known.getId(), type);
        }
        return type.map(found -> made(event, found));
    }

    private Recorded made(RecordedEvent event, Type type) {
        List<Field> fields = type.fields();
        Object[] values = new Object[fields.size() + 1];
        values[0] = moment(event);
        for (int i = 1; i < values.length; i++) {
            values[i] = fields.get(i - 1).of(event);
        }
        try {
            hasRead = true;
            return (Recorded) type.maker().invokeExact(values);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private Type type(EventType event, Form form) {
        List<Field> fields = new ArrayList<>();
        for (RecordComponent each : form.fields()) {
            ValueDescriptor field = event.getField(each.getName());
            Field found = field == null ? null : field(field, each.getType());
            if (found == null) {
                throw UserError.failed("cannot read RECORDING " + path + ": its events "
                        + event.getName() + " have no field '" + each.getName() + "' of type "
                        + each.getType().getSimpleName() + ", so another version of Highpage"
                        + " recorded it: read it with the highpage command of that version");
            }
            fields.add(found);
        }
        return new Type(form.maker(), List.copyOf(fields));
    }

    private @Nullable Field field(ValueDescriptor field, Class<?> wanted) {
        String name = field.getName();
        if (!field.getTypeName()
                .equals(wanted == String.class ? "java.lang.String" : wanted.getName())) {
            return null;
        }
        if (wanted == String.class) {
            return event -> text(event.getString(name));
        }
        if (field.getAnnotation(Timespan.class) != null) {
            return event -> nanos(event.getDuration(name));
        }
        return event -> event.getValue(name);
    }

    private static long nanos(Duration duration) {
        try {
            return Math.max(0, duration.toNanos());
        } catch (ArithmeticException forever) {
            return Long.MAX_VALUE;
        }
    }

    private String text(@Nullable String text) {
        if (text == null) {
            return "";
        }
        if (texts.size() == TEXTS_MAX) {
            texts.clear();
        }
        String known = texts.putIfAbsent(text, text);
        return known == null ? text : known;
    }

    private Moment moment(RecordedEvent event) {
        RecordedThread thread = event.hasField("eventThread") ? event.getThread() : null;
        String name = thread == null ? null : thread.getJavaName();
        return new Moment(
                Duration.between(start, event.getStartTime()).toNanos(),
                nanos(event.getDuration()),
                text(name == null && thread != null ? thread.getOSName() : name),
                place(event));
    }

    private String place(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return "";
        }
        for (RecordedFrame frame : event.getStackTrace().getFrames()) {
            RecordedMethod method = frame.getMethod();
            String type = frame.isJavaFrame() ? method.getType().getName() : "java.";
            if (!type.startsWith(EVENTS) && !type.startsWith("java.") && !type.startsWith("jdk.")) {
                return text(type + "." + method.getName() + ":" + frame.getLineNumber());
            }
        }
        return "";
    }
}
