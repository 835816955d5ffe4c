package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Errno;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.MemoryReservation;
import grantlab.api.abi.SetVersion;
import grantlab.api.abi.UnmapGrantRef;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.Limits;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.domain.Reuse;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.quiescence.Quiescence;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operation answers where the machine has been built without what it asks for, or we were wrong. */
class RefusalsTest {
    private static final int DOMID = 1;

    @Test
    void transferThatWasSwitchedOffIsNotSupported() {
        Limits usual = Limits.USUAL;
        Settings settings = Settings.usual()
                .withLimits(new Limits(
                        usual.maxGrantFrames(), usual.maxMaptrackFrames(), usual.maxGrantVersion(), true, false));
        try (Machine machine = Machine.start(settings)) {
            Guest guest = booted(machine);
            assertThat(call(guest, GnttabOp.TRANSFER)).isEqualTo(-Errno.EOPNOTSUPP);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {MemoryOp.DECREASE_RESERVATION, MemoryOp.POPULATE_PHYSMAP})
    void extentsLargerThanAPageAreNotDone(int operation) {
        try (Machine machine = Machine.start(Settings.usual())) {
            Guest guest = booted(machine);
            long pages = machine.frames().pages(DOMID);
            store(guest, MemoryReservation.EXTENT_START, guest.argumentPages() + Page.SIZE);
            store(guest, MemoryReservation.NR_EXTENTS, 1);
            store(guest, MemoryReservation.EXTENT_ORDER, Page.ORDER_2M);
            store(guest, MemoryReservation.DOMID, Domid.SELF);
            assertThat(guest.vcpu().hypercall(Hypercall.MEMORY_OP, operation, guest.argumentPages(), 0))
                    .isZero();
            assertThat(machine.frames().pages(DOMID)).isEqualTo(pages);
        }
    }

    /** Before it misses the format it looks at what is in use, as Xen does. */
    @Test
    void versionThatIsNotInstalledIsNoSystemCall() {
        ClassLoader whole = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(new VersionOneAlone(whole));
        try (Machine machine = Machine.start(Settings.usual().withGrantFormat("v1"))) {
            Guest guest = booted(machine);
            store(guest, SetVersion.VERSION, 2);
            assertThat(call(guest, GnttabOp.SET_VERSION)).isEqualTo(-Errno.ENOSYS);
            Acts acts = guest.domain().grantTable().acts();
            long word = acts.lock(9);
            acts.unlock(9, Acts.withPins(Acts.firstUse(2, false), Pins.increment(Access.HOST)));
            store(guest, SetVersion.VERSION, 2);
            assertThat(call(guest, GnttabOp.SET_VERSION)).isEqualTo(-Errno.EBUSY);
            acts.lock(9);
            acts.unlock(9, word);
            assertThat(guest.domain().grantTable().inForce().format().version()).isEqualTo(1);
        } finally {
            Thread.currentThread().setContextClassLoader(whole);
        }
    }

    /** A class path from which the second format is missing. */
    private static final class VersionOneAlone extends ClassLoader {
        VersionOneAlone(ClassLoader parent) {
            super(parent);
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            if (!name.equals("META-INF/services/" + GrantFormatProvider.class.getName())) {
                return super.getResources(name);
            }
            List<URL> left = Collections.list(super.getResources(name)).stream()
                    .filter(url -> !text(url).contains("FormatV2"))
                    .toList();
            return Collections.enumeration(left);
        }

        private static String text(URL url) {
            try (InputStream in = url.openStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException failure) {
                return "";
            }
        }
    }

    /** XSA-523, which 4.17.7 has and 4.20.3 has not: a page that is held through reference n also was frame n. */
    @ParameterizedTest
    @CsvSource({
        "4.20, 9, " + Status.OKAY,
        "4.17, 9, " + Status.BAD_PAGE,
        "4.17, 10, " + Status.BAD_PAGE,
        "4.20, 10, " + Status.BAD_PAGE
    })
    void pageHeldByReferenceIsAFrameWithoutTheFix(String release, long frame, int status) {
        try (Machine machine = Machine.start(Settings.usual().withXenRelease(release))) {
            Domain domain = booted(machine).domain();
            Ground ground = new Ground(
                    machine.memory(), machine.frames(), machine.settings().behaviour(), () -> 0);
            Domains domains = new Domains();
            domains.add(domain);
            Pinning pinning = new Pinning(ground);
            CopySides sides = new CopySides(
                    domains, pinning, new TransitiveGrants(domains, pinning, ground, Limits.USUAL), ground);
            Quiescence quiescence = new Quiescence();
            Caller caller = new Caller(domain, 0, quiescence.join(), machine.memory(), machine.frames());
            caller.section().enter();
            assertThat(sides.lookUp(caller, caller.source, Domid.SELF, false)).isZero();
            long held = domain.physicalMap().getFrameToGrant(machine.frames().nextOwned(DOMID, 0));
            long word = domain.grantTable().acts().lock(9);
            domain.grantTable().acts().adopt(9, held, 0);
            domain.grantTable()
                    .acts()
                    .unlock(9, Acts.withPins(Acts.firstUse(DOMID, false), Pins.increment(Access.READ | Access.COPY)));
            caller.source.acquired = true;
            caller.source.byReference = true;
            caller.source.name = 9;
            caller.source.pin.act = 9;
            caller.source.pin.frame = held;
            assertThat(word).isZero();
            assertThat(sides.acquire(caller, caller.source, true, 9, false)).isZero();
            assertThat(sides.acquire(caller, caller.source, false, frame, false))
                    .isEqualTo(status);
            assertThat(caller.source.acquired).isEqualTo(status == Status.OKAY);
            sides.release(caller, caller.source, false);
            assertThat(domain.grantTable().acts().pinsNow(9)).isZero();
            assertThat(machine.frames().references(held)).isGreaterThan(0);
            caller.section().leave();
        }
    }

    @Test
    void useThroughADomainThatIsGoneIsOurFault() {
        try (Machine machine = Machine.start(Settings.usual())) {
            Domain domain = booted(machine).domain();
            Ground ground = new Ground(machine.memory(), machine.frames(), Behaviour.XEN_4_17, () -> 0);
            Domains nobody = new Domains();
            TransitiveGrants transitive = new TransitiveGrants(nobody, new Pinning(ground), ground, Limits.USUAL);
            Caller caller = new Caller(domain, 0, new Quiescence().join(), machine.memory(), machine.frames());
            Pin pin = new Pin();
            pin.hopDomid = 77;
            assertThatIllegalStateException()
                    .isThrownBy(() -> transitive.release(caller, Access.READ | Access.COPY, pin))
                    .withMessageContaining("domain 77");
        }
    }

    @Test
    void crashInTheMiddleOfAnUnmapEndsIt() {
        try (Machine machine = Machine.start(Settings.usual())) {
            Guest guest = booted(machine);
            Ground ground = new Ground(machine.memory(), machine.frames(), Behaviour.XEN_4_17, () -> 0);
            Caller caller = new Caller(guest.domain(), 0, new Quiescence().join(), machine.memory(), machine.frames());
            UnmapBatch batch = new UnmapBatch(new Unmapping(new Domains(), new Pinning(ground), ground));
            AtomicInteger elements = new AtomicInteger();
            long rc = batch.run(
                    caller, guest.argumentPages(), 3, UnmapGrantRef.SIZE, UnmapGrantRef.STATUS, (who, arguments) -> {
                        elements.incrementAndGet();
                        return Status.CRASH_CALLER;
                    });
            assertThat(rc).isZero();
            assertThat(elements).hasValue(1);
            assertThat(guest.domain().running()).isFalse();
        }
    }

    /** By another vCPU, here while the first page is given back; a map may leave no frame to release. */
    @Test
    void crashInTheMiddleOfAReservationEndsIt() {
        try (Machine machine = Machine.start(Settings.usual())) {
            Guest guest = booted(machine);
            store(guest, MemoryReservation.EXTENT_START, guest.argumentPages() + Page.SIZE);
            store(guest, MemoryReservation.NR_EXTENTS, Long.MAX_VALUE);
            store(guest, MemoryReservation.EXTENT_ORDER, 0);
            store(guest, MemoryReservation.DOMID, Domid.SELF);
            PhysicalMap map = mock(PhysicalMap.class);
            Domain domain = new Domain(
                    DomainConfig.usual(DOMID, "pv"),
                    false,
                    map,
                    guest.domain().addressSpace(),
                    guest.domain().grantTable(),
                    guest.domain().maptrack(),
                    null);
            Domains domains = new Domains();
            domains.add(domain);
            when(map.decrease(anyLong(), any())).then(call -> {
                call.<PhysicalMap.Removed>getArgument(1).mfn = PhysicalMap.INVALID;
                domain.crash();
                return 0;
            });
            long pages = machine.frames().pages(DOMID);
            Ground ground = new Ground(machine.memory(), machine.frames(), Behaviour.XEN_4_17, () -> 0);
            Caller caller = new Caller(domain, 0, new Quiescence().join(), machine.memory(), machine.frames());
            MemoryReservations reservations = new MemoryReservations(domains, ground, mock(Reuse.class));
            assertThat(reservations.decrease(caller, guest.argumentPages())).isEqualTo(1);
            verify(map).decrease(anyLong(), any());
            assertThat(machine.frames().pages(DOMID)).isEqualTo(pages);
        }
    }

    private static Guest booted(Machine machine) {
        assertThat(machine.createDomain(DomainConfig.usual(DOMID, "pv"))).isZero();
        return machine.boot(DOMID, GuestLayout.LABORATORY);
    }

    private static long call(Guest guest, int operation) {
        return guest.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, operation, guest.argumentPages(), 1);
    }

    private static void store(Guest guest, int offset, long value) {
        assertThat(guest.vcpu().store(guest.argumentPages() + offset, Long.BYTES, value))
                .isZero();
    }
}
