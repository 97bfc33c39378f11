// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.reflect.AccessFlag.PROTECTED;
import static java.lang.reflect.AccessFlag.PUBLIC;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.InnerClassInfo;
import java.lang.classfile.attribute.InnerClassesAttribute;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A constructor that users can call is a promise: its arguments are all that the type will ever
 * need. So each is listed here. What only the runtime makes has none.
 */
class PublicConstructorsTest {
    /** An internal package is exported to tools on the class path, and is no promise. */
    private static final Pattern EXPORT =
            Pattern.compile("(?m)^    exports (?!io\\.highpage\\.internal\\.)([\\w.]+);");

    private static Stream<String> constructors(Path module) throws IOException {
        Path classes = module.resolve("target/classes");
        List<String> found = new ArrayList<>();
        Matcher export =
                EXPORT.matcher(Files.readString(module.resolve("src/main/java/module-info.java")));
        while (export.find()) {
            try (Stream<Path> files =
                    Files.list(classes.resolve(export.group(1).replace('.', '/')))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".class")).toList()) {
                    ClassModel type = ClassFile.of().parse(file);
                    if (isPublic(type)) {
                        type.methods().stream()
                                .filter(PublicConstructorsTest::isOpenConstructor)
                                .forEach(each -> found.add(words(type, each)));
                    }
                }
            }
        }
        return found.stream();
    }

    /** Of a nested type, its own entry has the modifier; a type around it may hide it. */
    private static boolean isPublic(ClassModel type) {
        Optional<InnerClassesAttribute> nested = type.findAttribute(Attributes.innerClasses());
        String name = type.thisClass().asInternalName();
        return type.flags().has(PUBLIC)
                && nested.stream()
                        .flatMap(all -> all.classes().stream())
                        .filter(each -> isAround(each, name))
                        .allMatch(each -> each.flags().contains(PUBLIC));
    }

    private static boolean isAround(InnerClassInfo entry, String name) {
        String inner = entry.innerClass().asInternalName();
        return name.equals(inner) || name.startsWith(inner + "$");
    }

    private static boolean isOpenConstructor(MethodModel method) {
        return method.methodName().equalsString("<init>")
                && (method.flags().has(PUBLIC) || method.flags().has(PROTECTED));
    }

    private static String words(ClassModel type, MethodModel constructor) {
        return type.thisClass().asInternalName().replaceFirst(".*/", "").replace('$', '.')
                + constructor.methodTypeSymbol().parameterList().stream()
                        .map(ClassDesc::displayName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    @Test
    void whatUsersMayMake_isListed() throws IOException {
        assertThat(Stream.concat(
                        constructors(Path.of("..", "runtime")),
                        constructors(Path.of("..", "junit"))))
                .containsExactlyInAnyOrder(
                        // Results that hold one thing and no more, for patterns.
                        "PinAttempt.Pinned(Pin)",
                        "PinAttempt.Refused(Refusal)",
                        // Made by devices.
                        "DeviceException(String, Throwable)",
                        "DeviceLostException(String, Throwable)",
                        "DeviceLostException(String, Throwable, boolean)",
                        "DeviceWaitException(String, Throwable)",
                        "OutOfPageMemoryException(String, boolean, long, Throwable)",
                        // Made again by JMX, of what a bean tells.
                        "BudgetState(String, String, long, long)",
                        "BufferState(long, long, long, String, List)",
                        "DeviceState(String, boolean, long, long, long, long, long, long, long,"
                                + " long)",
                        "HolderState(String, String, String, String, long, long, long, String,"
                                + " List, long)",
                        "TierState(String, long, long)",
                        // Made by JUnit, or by a test that registers it.
                        "HighpageLeakCheck()");
    }
}
