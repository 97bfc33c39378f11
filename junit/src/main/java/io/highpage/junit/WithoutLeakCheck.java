// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Leaves a class, with those nested in it, or a test out of {@link HighpageLeakCheck} where that is
 * on for all tests. What it leaves open is not blamed on others.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface WithoutLeakCheck {
    /** {@return why it leaves something open} */
    String value();
}
