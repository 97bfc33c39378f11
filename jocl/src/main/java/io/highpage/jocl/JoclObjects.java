// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import io.highpage.outcome.DeviceException;

import org.jocl.NativePointerObject;
import org.jspecify.annotations.Nullable;

import java.lang.reflect.Field;
import java.security.CodeSource;
import java.util.Objects;

/**
 * The addresses of JOCL's objects, and its objects for what was made without JOCL. JOCL's native
 * code writes the address of what it makes into a private field, and offers no other way.
 */
final class JoclObjects {
    private static final @Nullable Field ADDRESS;
    private static final @Nullable Throwable WHY_NOT;

    /** Objects of JOCL 2.0.0 keep their addresses to themselves. */
    private static final boolean TELLS = tells();

    static {
        Field address = null;
        Throwable whyNot = null;
        try {
            address = NativePointerObject.class.getDeclaredField("nativePointer");
            address.setAccessible(true);
        } catch (ReflectiveOperationException | RuntimeException failed) {
            whyNot = failed;
        }
        ADDRESS = address;
        WHY_NOT = whyNot;
    }

    private JoclObjects() {}

    private static boolean tells() {
        try {
            NativePointerObject.class.getMethod("getNativePointer");
            return true;
        } catch (NoSuchMethodException old) {
            return false;
        }
    }

    /**
     * {@return the address of an object's}
     *
     * @param what to call it by where it is null
     * @throws DeviceException if this JOCL is too old to tell
     */
    static long address(NativePointerObject object, String what) {
        requireNew();
        return Objects.requireNonNull(object, what).getNativePointer();
    }

    /**
     * Checks that objects tell their addresses.
     *
     * @throws DeviceException if this JOCL is too old for that; says which one it is
     */
    static void requireNew() {
        if (!TELLS) {
            throw new DeviceException(
                    "highpage-jocl needs JOCL 2.0.6 or newer, and this is " + whence()
                            + ", whose objects do not tell their addresses: take org.jocl:jocl"
                            + " 2.0.6 (org.jocl:jocl-blast 1.5.2 brings 2.0.0 along: declare 2.0.6"
                            + " before it, or exclude that)",
                    null);
        }
    }

    /** {@return which JOCL this is: the name of its jar has its version, which nothing else has} */
    static String whence() {
        CodeSource source = NativePointerObject.class.getProtectionDomain().getCodeSource();
        return source == null ? "an older one" : String.valueOf(source.getLocation());
    }

    /**
     * Checks that both can be done, before anything is made.
     *
     * @throws DeviceException if it cannot; says why
     */
    static void check() {
        requireNew();
        if (WHY_NOT != null) {
            throw new DeviceException(
                    "JOCL's objects cannot be given an address: this needs JOCL 2.0 on the class"
                            + " path or as an automatic module, else"
                            + " --add-opens=jocl/org.jocl=io.highpage.jocl; OpenClDevice has the"
                            + " same with addresses (" + WHY_NOT + ")",
                    WHY_NOT);
        }
    }

    /** {@return a new object, which stands for what is at an address} */
    static <T extends NativePointerObject> T at(T object, long address) {
        try {
            Objects.requireNonNull(ADDRESS, "checked before").setLong(object, address);
            return object;
        } catch (IllegalAccessException impossible) { // it is accessible
            throw new AssertionError(impossible);
        }
    }
}
