// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.Patience;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.Parked;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import jdk.jfr.consumer.RecordedEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Events of moves and waits say what was done. */
@Timeout(300)
class MoveEventsTest {
    private static final long PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private Rig rig;
    private PageRuntime runtime;
    private String device;

    private PageBuffer open(DeviceKind kind, String picture) {
        rig = rest.open(Scene.device(kind));
        runtime = rig.runtime();
        device = runtime.device().name();
        return Scene.of(runtime, picture).buffer;
    }

    private Recorded during(Recorded.Action action) throws Exception {
        return Recorded.during(runtime, action, "Migration", "Move", "Wait");
    }

    private Map<String, Object> batch(PageBuffer buffer, String to, String reason) {
        return Map.of(
                "runtime",
                runtime.name(),
                "buffer",
                buffer.id(),
                "from",
                to.equals("home") ? device : "home",
                "to",
                to,
                "reason",
                reason,
                "route",
                "runtime");
    }

    private static void hasTimes(RecordedEvent migration) {
        long waits = migration.getLong("waitTime");
        long copies = migration.getLong("copyTime");
        assertThat(waits).isPositive();
        assertThat(copies).isPositive();
        // By two clocks, which do not go equally fast.
        assertThat(waits + copies).isLessThan(migration.getDuration().toNanos() * 101 / 100 + 1000);
    }

    @ParameterizedTest
    @EnumSource
    void pinThatBringsPagesHome_isOneBatch(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "DDHD.D");
        Recorded recorded = during(() -> buffer.pin(Pin.longTerm()).close());

        RecordedEvent batch = recorded.only("Migration");
        assertThat(Recorded.fields(
                        batch,
                        "firstPage",
                        "pages",
                        "bytes",
                        "zeroedBytes",
                        "runs",
                        "waitTime",
                        "copyTime",
                        "failure"))
                .isEqualTo(batch(buffer, "home", "long-term pin"));
        assertThat(batch.getLong("firstPage")).isZero();
        assertThat(batch.getLong("pages")).isEqualTo(5);
        assertThat(batch.getLong("bytes")).isEqualTo(4 * PAGE);
        assertThat(batch.getLong("zeroedBytes")).isEqualTo(PAGE);
        assertThat(batch.getInt("runs")).isEqualTo(4);
        assertThat(batch.getString("failure")).isNull();
        hasTimes(batch);
        assertThat(recorded.count("Move")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void prefetch_tellsOfItselfAndOfItsBatches(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, ".HHD");
        for (Recorded.Action way : new Recorded.Action[] {
            () -> buffer.prefetch(runtime.device()),
            () -> buffer.prefetchAsync(runtime.device()).get()
        }) {
            Recorded recorded = during(way);

            RecordedEvent batch = recorded.only("Migration");
            assertThat(batch.getString("reason")).isEqualTo("prefetch");
            assertThat(batch.getString("from")).isEqualTo("home");
            assertThat(batch.getString("to")).isEqualTo(device);
            assertThat(batch.getLong("firstPage")).isZero();
            long moved = batch.getLong("pages");
            assertThat(batch.getLong("bytes") + batch.getLong("zeroedBytes"))
                    .isEqualTo(moved * PAGE);
            hasTimes(batch);
            RecordedEvent move = recorded.only("Move");
            assertThat(Recorded.fields(move, "failure"))
                    .isEqualTo(Map.of(
                            "runtime",
                            runtime.name(),
                            "buffer",
                            buffer.id(),
                            "operation",
                            "prefetch",
                            "to",
                            device,
                            "firstPage",
                            0L,
                            "pages",
                            4L,
                            "movedPages",
                            moved));
            assertThat(move.getString("failure")).isNull();
            assertThat(move.getDuration()).isGreaterThanOrEqualTo(batch.getDuration());
            buffer.evict();
        }
    }

    @ParameterizedTest
    @EnumSource
    void evict_tellsWhatMoved(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "HDBD");
        Recorded recorded = during(buffer::evict);

        RecordedEvent move = recorded.only("Move");
        assertThat(move.getString("operation")).isEqualTo("evict");
        assertThat(move.getString("to")).isEqualTo("home");
        assertThat(move.getLong("pages")).isEqualTo(4);
        assertThat(move.getLong("movedPages")).isEqualTo(3);
        assertThat(recorded.all("Migration").stream()
                        .mapToLong(batch -> batch.getLong("bytes"))
                        .sum())
                .as("what is at home too is not copied")
                .isEqualTo(2 * PAGE);
        assertThat(recorded.all("Migration").stream().map(batch -> batch.getString("reason")))
                .containsOnly("evict");
    }

    @ParameterizedTest
    @EnumSource
    void accessThatOverwrites_isZeroed_notCopied(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "HHHH");
        RecordedEvent batch = during(
                        () -> buffer.access(runtime.device(), AccessMode.WRITE).close())
                .only("Migration");

        assertThat(batch.getString("reason")).isEqualTo("device access");
        assertThat(batch.getLong("bytes")).isZero();
        assertThat(batch.getLong("zeroedBytes")).isEqualTo(4 * PAGE);
    }

    @Test
    void pagesThatComeFromAnotherDevice_goHomeFirst_forTheSameReason() throws Exception {
        Rig two = rest.open(Scene.device(DeviceKind.COHERENT), Scene.device(DeviceKind.PRIVATE));
        runtime = two.runtime();
        PageBuffer buffer = Scene.of(runtime, runtime.devices().getFirst(), "DD").buffer;
        Recorded recorded =
                during(() -> buffer.access(runtime.devices().getLast(), AccessMode.READ_WRITE)
                        .close());

        assertThat(recorded.all("Migration").stream()
                        .map(each -> each.getString("from") + " to " + each.getString("to")))
                .containsExactly(
                        runtime.devices().getFirst().name() + " to home",
                        "home to " + runtime.devices().getLast().name());
        assertThat(recorded.all("Migration").stream().map(each -> each.getString("reason")))
                .containsOnly("device access");
        assertThat(recorded.count("Move")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void copyThatFails_saysWhy(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "DD");
        rig.faults().arm(1, Faults.ERROR, EnumSet.of(Call.COPY_OUT));
        Recorded recorded = during(() -> assertThatThrownBy(() -> buffer.pin(Pin.longTerm()))
                .isInstanceOf(DeviceException.class));
        rig.faults().disarm();

        RecordedEvent batch = recorded.only("Migration");
        assertThat(batch.getString("failure")).contains("CL_INVALID_COMMAND_QUEUE");
        assertThat(batch.getLong("pages")).isEqualTo(2);
        hasTimes(batch);
        rig.faults().arm(1, Faults.THROW_ERROR, EnumSet.of(Call.COPY_OUT));
        recorded = during(() -> assertThatThrownBy(() -> buffer.pin(Pin.longTerm()))
                .isInstanceOf(Faults.InjectedError.class));
        rig.faults().disarm();
        assertThat(recorded.only("Migration").getString("failure"))
                .contains("an Error at COPY_OUT");
        MoveReport[] report = new MoveReport[1];
        rig.faults().arm(1, Faults.ERROR, EnumSet.of(Call.COPY_OUT));
        recorded = during(() -> report[0] = buffer.evict());
        rig.faults().disarm();
        RecordedEvent move = recorded.only("Move");
        assertThat(move.getLong("movedPages")).isZero();
        assertThat(move.getString("failure"))
                .isEqualTo(report[0].failure().orElseThrow().getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void waitForAPage_tellsForWhich_andHowLong(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "HDDH");
        Terms patient = Pin.longTerm().deadline(Duration.ofMinutes(2));
        DeviceAccess way =
                buffer.range(2 * PAGE, PAGE).access(Terms.defaults().shared(), runtime.device());
        Recorded recorded = during(() -> {
            Thread waits = Thread.ofPlatform().start(() -> buffer.pin(patient).close());
            Parked.await(waits);
            Thread.sleep(20);
            way.close();
            waits.join();
        });

        RecordedEvent wait = recorded.only("Wait");
        assertThat(Recorded.fields(wait))
                .isEqualTo(Map.of(
                        "runtime",
                        runtime.name(),
                        "buffer",
                        buffer.id(),
                        "operation",
                        "long-term pin",
                        "page",
                        2L,
                        "reason",
                        "ACCESSED"));
        assertThat(wait.getDuration()).isGreaterThan(Duration.ofMillis(15));
        assertThat(wait.getStackTrace()).isNotNull();
    }

    @Test
    void waitOfAnAsynchronousOperation_isToldToo() throws Exception {
        PageBuffer buffer = open(DeviceKind.COHERENT, "HDDH");
        Terms patient = Pin.longTerm().deadline(Duration.ofMinutes(2));
        DeviceAccess way = buffer.range(2 * PAGE, PAGE).access(runtime.device(), AccessMode.READ);
        Recorded recorded = during(() -> {
            var pin = buffer.pinAsync(patient);
            Eventually.becomes("it waits", () -> runtime.statistics().waits() > 0);
            way.close();
            pin.get().close();
        });

        RecordedEvent wait = recorded.only("Wait");
        assertThat(wait.getLong("page")).isEqualTo(2);
        assertThat(wait.getString("reason")).isEqualTo("ACCESSED");
    }

    @ParameterizedTest
    @EnumSource
    void waitOfAnOperationThatFailsThen_isToldToo(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "HHDH");
        Terms patient = Pin.longTerm().deadline(Duration.ofMinutes(2));
        DeviceAccess way =
                buffer.range(2 * PAGE, PAGE).access(Terms.defaults().shared(), runtime.device());
        rig.faults().arm(1, Faults.BUG, EnumSet.of(Call.COPY_OUT));
        Recorded recorded = during(() -> {
            CompletableFuture<Void> pinned =
                    CompletableFuture.runAsync(() -> buffer.pin(patient).close());
            Eventually.becomes("it waits", () -> runtime.statistics().waits() > 0);
            way.close();
            assertThatThrownBy(pinned::get).hasMessageContaining("a bug at COPY_OUT");
        });
        rig.faults().disarm();

        assertThat(recorded.only("Wait").getLong("page")).isEqualTo(2);
        assertThat(recorded.only("Wait").getString("reason")).isEqualTo("ACCESSED");
    }

    /** {@return one of pages 0 to 2, of which it has two, that is put aside at page 2} */
    private Claim putAside(Pages pages, int tier, Verb verb, AccessMode mode) {
        Terms patient = Terms.defaults().owner("late").mode(mode).deadline(Duration.ofMinutes(2));
        Claim claim = Claim.suspending(
                pages,
                verb,
                tier,
                0,
                3,
                Patience.suspending(patient, pages.counters(), () -> false));
        assertThat(claim.goOn()).isFalse();
        return claim;
    }

    private static Pin pinnedByAnother(PageRange range) throws Exception {
        return CompletableFuture.supplyAsync(() -> range.pin(Pin.longTerm().shared()))
                .get(); // nobody waits for what is its own
    }

    @ParameterizedTest
    @EnumSource
    void waitOfOneThatIsGivenUp_isToldToo(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "DDH");
        Pages pages = ((ManagedBuffer) buffer).pages();
        try (Pin way = pinnedByAnother(buffer.range(2 * PAGE, PAGE))) {
            Recorded recorded = during(() -> {
                Claim claim = putAside(pages, 1, Verb.ACCESS, AccessMode.WRITE);
                Thread.sleep(50);
                claim.abandon();
                claim.abandon();
            });

            RecordedEvent wait = recorded.only("Wait");
            assertThat(wait.getString("operation")).isEqualTo("device access");
            assertThat(wait.getString("reason")).isEqualTo("PINNED");
            assertThat(wait.getDuration()).isGreaterThan(Duration.ofMillis(45));
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusalOfOneThatWasPutAside_isAtThePageThatItHadComeTo(DeviceKind kind) throws Exception {
        PageBuffer buffer = open(kind, "DDH");
        Pages pages = ((ManagedBuffer) buffer).pages();
        try (Pin way = pinnedByAnother(buffer.range(2 * PAGE, PAGE))) {
            Recorded recorded = Recorded.during(
                    runtime,
                    () -> {
                        Claim claim = putAside(pages, 1, Verb.ACCESS, AccessMode.WRITE);
                        pages.device(1).note(new DeviceLostException("unplugged", null));
                        assertThatThrownBy(claim::goOn).isInstanceOf(DeviceLostException.class);
                    },
                    "Rejection",
                    "Wait");

            assertThat(Recorded.fields(recorded.only("Rejection")))
                    .isEqualTo(Map.of(
                            "runtime",
                            runtime.name(),
                            "buffer",
                            buffer.id(),
                            "operation",
                            "device access",
                            "firstPage",
                            0L,
                            "pages",
                            3L,
                            "owner",
                            "late",
                            "mode",
                            "WRITE",
                            "device",
                            device,
                            "page",
                            2L,
                            "reason",
                            "DEVICE_LOST"));
            assertThat(recorded.only("Wait").getLong("page")).isEqualTo(2);
        }
    }

    /** Nobody looks at the page from the time when it is put aside until it goes on. */
    @Test
    void waitOfOneThatIsPutAside_lastsUntilItGoesOn() throws Exception {
        PageBuffer buffer = open(DeviceKind.COHERENT, "HDDH");
        Terms patient = Pin.longTerm().deadline(Duration.ofMinutes(2));
        DeviceAccess way = CompletableFuture.supplyAsync(() -> buffer.range(2 * PAGE, PAGE)
                        .access(Terms.defaults().shared(), runtime.device()))
                .get(); // of another thread: nobody waits for what is its own
        Pages pages = ((ManagedBuffer) buffer).pages();
        Verb pin = Verb.pin(AccessMode.READ_WRITE);
        Recorded recorded = during(() -> {
            Claim claim = Claim.suspending(
                    pages,
                    pin,
                    PageWord.HOME,
                    2,
                    3,
                    Patience.suspending(patient, pages.counters(), () -> false));
            assertThat(claim.goOn()).isFalse();
            Thread.sleep(50);
            way.close();
            assertThat(claim.goOn()).isTrue();
        });
        Claim.release(pages, pin, 2, 3);

        RecordedEvent wait = recorded.only("Wait");
        assertThat(wait.getString("reason")).isEqualTo("ACCESSED");
        assertThat(wait.getDuration()).isGreaterThan(Duration.ofMillis(45));
    }

    @Test
    void refusalWithoutAWait_isNoWait() throws Exception {
        PageBuffer buffer = open(DeviceKind.COHERENT, "HD");
        try (DeviceAccess way =
                buffer.range(PAGE, PAGE).access(runtime.device(), AccessMode.READ_WRITE)) {
            Recorded recorded = during(() -> buffer.tryPin(Pin.longTerm()));
            assertThat(recorded.count("Wait")).isZero();
        }
    }
}
