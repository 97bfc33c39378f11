// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.host.HostDevice;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.Reservation.Granted;
import io.highpage.internal.memory.Reservation.NeverFits;
import io.highpage.internal.memory.Reservation.NotNow;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Room of a device is asked for as a value, before there is memory. */
class ReservationTest {
    private static final long MIB = 1 << 20;

    private final BudgetNode budget = BudgetNode.root("all", 4);
    private final DeviceSlot device =
            new DeviceSlot(3, "device", HostDevice.coherent(64 * MIB), budget, 4096);
    private final BudgetNode group = budget.group("group", Long.MAX_VALUE);
    private final Account account = new Account(group);

    @BeforeEach
    void limit() {
        budget.limit(3, 16 * MIB);
    }

    @AfterEach
    void close() {
        assertThat(device.usedBytes()).as("at the end").isZero();
        assertThat(budget.used(3)).as("charged at the end").isZero();
        assertThat(device.close()).isNull();
    }

    private Refused refused(long requested, long used) {
        return new Refused(new TierName(3, "device"), group, budget, requested, used, 16 * MIB);
    }

    private Granted granted(long bytes) {
        return device.heap().reserve(account, bytes).orThrow();
    }

    @Test
    void room_untilItIsFilledOrGivenBack_isNobodyElses() {
        Granted first = granted(10 * MIB);
        assertThat(device.usedBytes()).as("no memory yet").isZero();
        assertThat(device.heap().reserve(account, 7 * MIB)).isInstanceOf(NotNow.class);
        DeviceHeap.Place place = first.fill(() -> false);
        assertThat(place.byteSize()).isEqualTo(10 * MIB);
        assertThat(device.usedBytes()).isEqualTo(10 * MIB);
        Granted second = granted(6 * MIB);
        assertThat(device.heap().reserve(account, 1)).isInstanceOf(NotNow.class);
        second.giveBack();
        granted(6 * MIB).giveBack();
        device.heap().free(place);
    }

    @Test
    void room_thatOthersHave_isNotThereNow_whichSaysWhatIsUsed() {
        Granted others = granted(12 * MIB);
        assertThat(device.heap().reserve(account, 5 * MIB))
                .isEqualTo(new NotNow(refused(5 * MIB, 12 * MIB), ""));
        assertThatThrownBy(() -> granted(5 * MIB)).isInstanceOfSatisfying(NoRoom.class, full -> {
            assertThat(full.refused().isInPieces()).isFalse();
            assertThat(full.failure("access 'x'"))
                    .hasMessageContaining("no memory on device device (tier 3) in budget all"
                            + " (asked by all/group): requested " + 5 * MIB
                            + " bytes, in use " + 12 * MIB + " of " + 16 * MIB
                            + "; in the way: access 'x'; evict");
        });
        others.giveBack();
        granted(5 * MIB).giveBack();
    }

    @Test
    void room_beyondTheLimit_neverFits() {
        assertThat(device.heap().reserve(account, 17 * MIB))
                .isEqualTo(new NeverFits(refused(17 * MIB, 0), 16 * MIB));
        assertThatThrownBy(() -> granted(17 * MIB))
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasMessageContaining("tier 3")
                .hasMessageContaining("limit " + 16 * MIB);
    }

    /** There is room, but not in one piece. */
    @Test
    void room_thatCannotBeFilled_isGivenBack() {
        List<DeviceHeap.Place> places = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            places.add(granted(MIB / 2).fill(() -> false)); // two in a slab
        }
        for (int i = 0; i < 32; i += 2) {
            device.heap().free(places.get(i));
        }
        Granted room = granted(2 * MIB);
        assertThatThrownBy(() -> room.fill(() -> false))
                .isInstanceOfSatisfying(NoRoom.class, full -> {
                    assertThat(full.refused().isInPieces()).isTrue();
                    assertThat(full.failure(""))
                            .hasMessageContaining("in use " + 8 * MIB + " of " + 16 * MIB);
                });
        assertThat(device.usedBytes()).isEqualTo(8 * MIB);
        granted(8 * MIB).giveBack();
        for (int i = 1; i < 32; i += 2) {
            device.heap().free(places.get(i));
        }
    }

    @Test
    void room_askedForByManyAtOnce_isNeverMoreThanThereIs() throws Exception {
        try (ExecutorService pool =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
            List<Future<List<Granted>>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                all.add(pool.submit(() -> {
                    List<Granted> mine = new ArrayList<>();
                    for (int i = 0; i < 1000; i++) {
                        if (device.heap().reserve(account, MIB) instanceof Granted room) {
                            mine.add(room);
                        }
                    }
                    return mine;
                }));
            }
            List<Granted> rooms = new ArrayList<>();
            for (Future<List<Granted>> one : all) {
                rooms.addAll(one.get());
            }
            assertThat(rooms).hasSize(16);
            rooms.forEach(Granted::giveBack);
        }
    }
}
