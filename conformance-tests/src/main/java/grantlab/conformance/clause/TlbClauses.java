package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.UnmapCall;
import java.util.ArrayList;
import java.util.List;

/** What CPUs remember of mappings: nothing after an unmap. */
public final class TlbClauses implements ClauseFamily {
    private static final String GONE = "xen-semantics.md, 2.2 (phase 2), 3.11";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long ONES = -1;
    private static final long PRESENT_WRITABLE_USER = 0x67;

    /** For ServiceLoader. */
    public TlbClauses() {}

    @Override
    public String prefix() {
        return "TLB";
    }

    @Override
    public String title() {
        return "What CPUs remember";
    }

    @Override
    public List<Object> parts() {
        return List.of(new StalePlaces());
    }

    @Clause(
            id = "TLB-01",
            promise = "After an unmap no CPU of the grantee reaches the page, though all had used the mapping.",
            source = GONE)
    void unmapped(World world) {
        Party grantee = twoCpus(world);
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        Driver driver = new Driver(grantee);
        world.granter().store(world.granter().page(0), 42);
        MappedGrant mapped = driver.map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        expectSees(grantee.vcpu(), grantee.slot(0), 42);
        expectSees(second, grantee.slot(0), 42);
        driver.unmap(mapped);
        for (Vcpu cpu : List.of(grantee.vcpu(), second)) {
            expectHole(cpu, grantee.slot(0));
            cpu.store(grantee.slot(0), Long.BYTES, 43);
        }
        Expect.equal(
                "what the granter sees",
                42L,
                world.granter().load(world.granter().page(0)));
    }

    @Clause(
            id = "TLB-02",
            promise = "A CPU that used a mapping sees the next one at the same place, not the old.",
            source = GONE)
    void mappedAgain(World world) {
        Party granter = world.granter();
        Party grantee = twoCpus(world);
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        Driver driver = new Driver(grantee);
        long[] refs = {world.grant(0, READ_WRITE), world.grant(1, READ_WRITE)};
        granter.store(granter.page(0), 100);
        granter.store(granter.page(1), 101);
        for (int n = 0; n < 6; n++) {
            MappedGrant mapped = driver.map(refs[n % 2], 0, READ_WRITE);
            expectSees(second, grantee.slot(0), 100 + n % 2);
            expectSees(grantee.vcpu(), grantee.slot(0), 100 + n % 2);
            driver.unmap(mapped);
        }
    }

    @Clause(
            id = "TLB-03",
            promise = "A writable mapping replaced by a read-only one at the same place is writable to no CPU.",
            source = GONE)
    void narrowed(World world) {
        Party grantee = twoCpus(world);
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        Driver driver = new Driver(grantee);
        long ref = world.grant(0, READ_WRITE);
        MappedGrant mapped = driver.map(ref, 0, READ_WRITE);
        second.store(grantee.slot(0), Long.BYTES, 42);
        driver.unmap(mapped);
        driver.map(ref, 0, Access.READ);
        second.store(grantee.slot(0), Long.BYTES, 43);
        grantee.vcpu().store(grantee.slot(0), Long.BYTES, 44);
        Expect.equal(
                "what the granter sees",
                42L,
                world.granter().load(world.granter().page(0)));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "TLB-04",
            promise = "PV: a map over an entry that is present flushes nothing: a CPU that used the entry may reach the"
                    + " old page until it flushes.",
            source = "xen-semantics.md, 12.10; recording pv_tlb")
    void staleUntilFlush(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.store(granter.page(0), 42);
        grantee.store(grantee.page(6), 600);
        long entry = Page.address(grantee.pageFrame(6)) | PRESENT_WRITABLE_USER;
        Expect.rc(0, grantee.updateEntry(grantee.slot(6), entry));
        expectSees(grantee.vcpu(), grantee.slot(6), 600);
        MappedGrant mapped = new Driver(grantee).map(world.grant(0, Access.READ), 6, Access.READ);
        world.step("before the flush");
        expectSees(grantee.vcpu(), grantee.slot(6), 600);
        grantee.store(grantee.slot(6), 601);
        Expect.equal("in the old page", 601L, grantee.load(grantee.page(6)));
        world.step("after the flush");
        grantee.vcpu().flushTlb();
        expectSees(grantee.vcpu(), grantee.slot(6), 42);
        Expect.different("fault of a store", 0, grantee.tryStore(grantee.slot(6), 43));
        new Driver(grantee).unmap(mapped);
        expectHole(grantee.vcpu(), grantee.slot(6));
    }

    @Needs(format = "flat-home")
    @Clause(id = "TLB-05", promise = "After one call that unmaps many pages no CPU reaches any of them.", source = GONE)
    void manyAtOnce(World world) {
        Party grantee = twoCpus(world);
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        long ref = world.grant(0, Access.READ);
        List<MapCall> maps = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            maps.add(MapCall.of(World.GRANTER, ref).at(grantee.slot(n)).readonly());
        }
        List<Mapped> mapped = grantee.batch(maps);
        List<UnmapCall> unmaps = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            expectSees(second, grantee.slot(n), 0);
            unmaps.add(UnmapCall.of(mapped.get(n).handle()).at(grantee.slot(n)));
        }
        Expect.allOkay(grantee.batch(unmaps));
        for (int n = 0; n < 40; n++) {
            expectHole(second, grantee.slot(n));
            expectHole(grantee.vcpu(), grantee.slot(n));
        }
    }

    @Clause(
            id = "TLB-06",
            promise = "Memory that a guest gives back is reached by none of its CPUs, granted or not.",
            source = "xen-semantics.md, 3.6; xen/common/memory.c, guest_remove_page")
    void givenBack(World world) {
        Party granter = Rebuilt.granter(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, granter);
        Party grantee = world.grantee();
        granter.store(granter.page(0), 42);
        new Driver(grantee).map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        expectSees(granter.vcpu(), granter.page(0), 42);
        expectSees(second, granter.page(0), 42);
        if (!granter.translated()) {
            Expect.rc(0, granter.updateEntry(granter.page(0), 0));
        }
        Expect.rc(
                1, granter.call(ReservationCall.decrease(granter.pageFrame(0))).rc());
        for (Vcpu cpu : List.of(granter.vcpu(), second)) {
            expectHole(cpu, granter.page(0));
            cpu.store(granter.page(0), Long.BYTES, 43);
        }
        expectSees(grantee.vcpu(), grantee.slot(0), 42);
    }

    @Needs(format = "flat-home", granter = "translated")
    @Clause(
            id = "TLB-07",
            promise = "When an HVM guest's page moves to where its own grant is mapped, no CPU reaches it at the old"
                    + " place.",
            source = "xen-semantics.md, 6.5")
    void moved(World world) {
        Party self = Rebuilt.granter(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, self);
        GuestTable table = world.format().bringUp(self.kernel(), World.GRANTER, -1);
        table.grant(World.FIRST_INDEX, World.GRANTER, self.pageFrame(10), Page.ORDER_4K, READ_WRITE);
        self.store(self.page(10), 42);
        expectSees(second, self.page(10), 42);
        new Driver(self).map(table.reference(World.FIRST_INDEX), 30, READ_WRITE);
        expectHole(second, self.page(10));
        second.store(self.page(10), Long.BYTES, 43);
        expectSees(second, self.slot(30), 42);
    }

    private static Party twoCpus(World world) {
        return Rebuilt.grantee(world, config -> config.withVcpus(2));
    }

    private static void expectSees(Vcpu cpu, long address, long expected) {
        Expect.equal("fault on CPU " + cpu.number(), 0, cpu.load(address, Long.BYTES));
        Expect.equal("what CPU " + cpu.number() + " sees", expected, cpu.value());
    }

    /** PV guests fault at a hole, HVM guests read ones. */
    private static void expectHole(Vcpu cpu, long address) {
        boolean hole = cpu.load(address, Long.BYTES) != 0 || cpu.value() == ONES;
        Expect.holds("CPU " + cpu.number() + " reaches nothing", hole);
    }
}
