// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a test, or all tests of a class, once for every device of this machine, with a parameter of
 * the test or the constructor of type {@link io.highpage.device.DeviceInfo}.
 *
 * <p>{@code -Dhighpage.device=NAME} runs it on one device only. Where a family of devices has none,
 * there is an entry of its own, skipped with the reason and what to install; with
 * {@code HIGHPAGE_REQUIRE_OPENCL=true} in the environment (and so for every other family) that
 * entry fails instead. What a test fails with has the device's name among what it suppressed, for
 * reports that show only the number of a run.
 *
 * <pre>{@code
 * @ForEachDevice
 * void sum_ofManyPages_isRight(DeviceInfo device) {
 *     try (Highpage hp = Highpage.builder().device(device.open()).open()) {
 *     }
 * }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@TestTemplate
@ClassTemplate
@ExtendWith(JUnitVersion.class) // first: an older JUnit cannot load the next one
@ExtendWith(DeviceInvocations.class)
@Tag("device")
public @interface ForEachDevice {}
