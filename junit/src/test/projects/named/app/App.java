// SPDX-License-Identifier: Apache-2.0
package app;

import io.highpage.Highpage;
import io.highpage.PageBuffer;

public final class App {
    private App() {}

    public static PageBuffer filled(Highpage hp) {
        PageBuffer buffer = hp.allocate(4096);
        buffer.fill((byte) 1);
        return buffer;
    }
}
