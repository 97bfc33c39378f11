// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.HomeRegistration;
import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The open registrations of a buffer's home. While there is one, no page gives its home's memory
 * up: {@link Pages#keepHome}. Thread-safe.
 */
final class KeptHomes {
    private final ManagedBuffer buffer;
    private final Pages pages;

    /** Guarded by itself. Removing allocates nothing: a keeper may let go when memory is short. */
    private final Set<HomeKeeping> open = new HashSet<>();

    KeptHomes(ManagedBuffer buffer, Pages pages) {
        this.buffer = buffer;
        this.pages = pages;
    }

    /**
     * Registers a keeper while the whole buffer is pinned: then every page has memory at home, and
     * what owned a page before, perhaps to give that up, is done with it.
     */
    HomeRegistration add(Keeper keeper) {
        StackRoom.checkLong();
        KeptHome added = new KeptHome(buffer, new HomeKeeping(keeper));
        try {
            try (Pin all = buffer.pin(ManagedRange.defaults(AccessMode.READ))) {
                synchronized (open) {
                    open.add(added.keeping());
                    pages.keepHome(true);
                    added.keeping().watch(added);
                }
            }
            return added;
        } catch (Throwable failed) {
            remove(added);
            throw failed;
        }
    }

    /** Does nothing a second time. */
    void remove(KeptHome closed) {
        synchronized (open) {
            if (open.remove(closed.keeping())) {
                pages.keepHome(!open.isEmpty());
                Watch.closed(closed);
            }
        }
    }

    boolean has(HomeKeeping home) {
        synchronized (open) {
            return open.contains(home);
        }
    }

    List<HolderInfo> infos() {
        synchronized (open) {
            return open.stream().map(each -> each.info(buffer)).toList();
        }
    }
}
