// SPDX-License-Identifier: Apache-2.0
package io.highpage.natives;

import java.net.URL;
import java.util.Locale;
import java.util.Optional;

/**
 * The bundled {@code libhighpage.so} for the platform that this JVM runs on. Thread-safe; finds the
 * resource, and leaves it to the caller to copy it to a file and load it.
 *
 * <p>A module that was built without cmake or a C compiler carries no library, and no module
 * carries one for every platform. Both are normal: Highpage then copies in pure Java.
 */
public final class NativeLibraryResource {

    private static final String FOLDER = "/META-INF/highpage/";
    private static final String FILE = "libhighpage.so";

    private NativeLibraryResource() {}

    /**
     * Returns where the library for this platform is.
     *
     * @return its location, readable with {@link URL#openStream()}, or empty if none was built
     */
    public static Optional<URL> find() {
        return Optional.ofNullable(NativeLibraryResource.class.getResource(path()));
    }

    /**
     * Returns the name under which {@link #find()} looks, to tell a user what is missing.
     *
     * @return the absolute resource name, whether or not there is such a resource
     */
    public static String path() {
        return FOLDER + platform(System.getProperty("os.name"), System.getProperty("os.arch")) + "/"
                + FILE;
    }

    /** Names a platform as the build names its folder: the kernel's word for the machine. */
    static String platform(String system, String machine) {
        String name = system.toLowerCase(Locale.ROOT).replace(" ", "");
        return name + "-" + (machine.equals("amd64") ? "x86_64" : machine);
    }
}
