// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;

/** What devices for tests start from does what the device behind it does, whatever is added. */
class ForwardingTest {
    @Test
    void everyMethodOfADevice_isForwarded() {
        assertThat(missing(DeviceMemory.class, ForwardingDevice.class)).isEmpty();
    }

    @Test
    void everyMethodOfAnExtent_isForwarded() {
        assertThat(missing(Extent.class, ForwardingExtent.class)).isEmpty();
    }

    private static List<String> missing(Class<?> type, Class<?> forwarding) {
        return Arrays.stream(type.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> !isIn(forwarding, method))
                .map(Method::getName)
                .toList();
    }

    private static boolean isIn(Class<?> type, Method method) {
        try {
            type.getDeclaredMethod(method.getName(), method.getParameterTypes());
            return true;
        } catch (NoSuchMethodException none) {
            return false;
        }
    }
}
