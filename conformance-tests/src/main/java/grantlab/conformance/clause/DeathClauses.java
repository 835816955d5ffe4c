package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.AddToPhysmapCall;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.GetVersionCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.DomainInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Domains that die while pages are granted. */
public final class DeathClauses implements ClauseFamily {
    private static final String ZOMBIE = "xen-semantics.md, 5.1; 12.17; recording lifecycle_v1";
    private static final String GRANTEE_DIES = "xen-semantics.md, 5.2; 12.17; recording lifecycle_v1";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int BATCH = 48;

    /** For ServiceLoader. */
    public DeathClauses() {}

    @Override
    public String prefix() {
        return "DEATH";
    }

    @Override
    public String title() {
        return "Domains that die";
    }

    @Override
    public List<Object> parts() {
        return List.of(new Successors());
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-01",
            promise = "A granter's death takes no mapping away: the pages stay readable and writable and keep their"
                    + " contents, and of its memory only they remain.",
            source = ZOMBIE)
    void mappingsSurvive(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Driver driver = new Driver(grantee);
        granter.store(granter.page(0), 100);
        granter.store(granter.page(1), 101);
        driver.map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        driver.map(world.grant(1, Access.READ), 1, Access.READ);
        world.step("the granter is destroyed");
        world.destroy(granter);
        Expect.equal("pages", 2, info(world).pages());
        Expect.holds("it is dying", info(world).dying());
        Expect.equal("first page", 100L, grantee.load(grantee.slot(0)));
        Expect.equal("second page", 101L, grantee.load(grantee.slot(1)));
        grantee.store(grantee.slot(0), 42);
        Expect.equal("what was stored", 42L, grantee.load(grantee.slot(0)));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-02",
            promise = "The domid stays taken until the last page is let go; then the domain is gone, and its successor"
                    + " finds nothing of it.",
            source = ZOMBIE)
    void lastUnmap(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        long frame = granter.machineFrame(0);
        long ref = world.grant(0, READ_WRITE);
        MappedGrant first = driver.map(ref, 0, READ_WRITE);
        MappedGrant second = driver.map(ref, 1, Access.READ);
        world.destroy(granter);
        DomainConfig successor = DomainConfig.usual(
                World.GRANTER, world.combination().granterPaging().name());
        driver.unmap(first);
        Expect.equal("pages", 1, info(world).pages());
        Expect.rc(-Errno.EEXIST, world.machine().createDomain(successor));
        world.step("the grantee lets go");
        driver.unmap(second);
        Expect.rc(-Errno.ESRCH, info(world).rc());
        Expect.equal("owner", FrameTable.NO_OWNER, world.machine().frames().owner(frame));
        world.boot(successor);
        Expect.different("status of a map of the successor's", 0, driver.tryMap(ref, 0, Access.READ));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-03",
            promise = "Of a zombie, a reference in use may still be mapped and not copied through; one that is not in"
                    + " use names a page that is gone.",
            source = ZOMBIE)
    void zombieRules(World world) {
        Party grantee = world.grantee();
        long used = world.grant(0, READ_WRITE);
        long unused = world.grant(1, READ_WRITE);
        Driver driver = new Driver(grantee);
        driver.map(used, 0, Access.READ);
        long size = world.granter().references();
        world.destroy(world.granter());
        world.step("the grantee maps and copies");
        MappedGrant again = driver.map(used, 1, READ_WRITE);
        Expect.equal("map of the unused", Status.BAD_PAGE, driver.tryMap(unused, 2, Access.READ));
        Expect.equal("copy through the used", Status.BAD_DOMAIN, driver.copyOut(used, 0));
        Expect.equal("copy through the unused", Status.BAD_PAGE, driver.copyOut(unused, 0));
        Expect.status(
                Status.BAD_GNTREF, grantee.call(MapCall.of(World.GRANTER, size).at(grantee.slot(2))));
        driver.unmap(again);
        Expect.equal("pages", 1, info(world).pages());
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-04",
            promise = "When the zombie is gone its domid is no domain and the old handles are no handles.",
            source = ZOMBIE)
    void gone(World world) {
        Party grantee = world.grantee();
        MapCall map = MapCall.of(World.GRANTER, world.grant(0, READ_WRITE)).at(grantee.slot(0));
        Mapped mapped = grantee.call(map);
        UnmapCall unmap = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
        world.destroy(world.granter());
        Expect.okay(grantee.call(unmap));
        Expect.status(Status.BAD_DOMAIN, grantee.call(map));
        Expect.status(Status.BAD_HANDLE, grantee.call(unmap));
        Expect.status(
                Status.BAD_DOMAIN,
                grantee.call(CopyCall.from(
                        CopyCall.of(World.GRANTER, map.ref(), 0), CopyCall.own(grantee.pageFrame(0), 0), 8)));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-05",
            promise = "A zombie still answers the control domain's questions about its table.",
            source = "recording lifecycle_v1 (setup, query_size, get_version)")
    void zombieAnswers(World world) {
        new Driver(world.grantee()).map(world.grant(0, Access.READ), 0, Access.READ);
        world.destroy(world.granter());
        Expect.okay(world.control().call(new QuerySizeCall(World.GRANTER)));
        Expect.rc(0, world.control().call(new GetVersionCall(World.GRANTER)).rc());
    }

    @Clause(
            id = "DEATH-06",
            promise = "A grantee's death undoes its mappings: nothing is in use, every reference is dropped, and the"
                    + " granter may end its entries.",
            source = GRANTEE_DIES)
    void granteeDies(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        long first = world.grant(0, READ_WRITE);
        long second = world.grant(1, Access.READ);
        Ledger ledger = Ledger.of(world, granter);
        driver.map(first, 0, READ_WRITE);
        driver.map(first, 1, Access.READ);
        driver.map(second, 2, Access.READ);
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
        world.step("the grantee is destroyed");
        world.destroy(world.grantee());
        ledger.check();
        Expect.holds("the first entry can be ended", world.table().end(World.FIRST_INDEX));
        Expect.holds("the second entry can be ended", world.table().end(World.FIRST_INDEX + 1));
        Expect.holds("the grantee is gone", world.machine().domain(World.GRANTEE) == null);
    }

    @Needs(grantee = "device-mappings", format = "flat-home")
    @Clause(
            id = "DEATH-07",
            promise = "A grantee's death drops what devices and half undone mappings held.",
            source = GRANTEE_DIES)
    void granteeWithDevicesDies(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        MapCall both = MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).flags(3);
        Expect.okay(grantee.call(both));
        Mapped half = grantee.call(both.at(grantee.slot(1)));
        Expect.okay(grantee.call(UnmapCall.of(half.handle()).at(grantee.slot(1))));
        Expect.okay(grantee.call(both.at(grantee.slot(2)).flags(5)));
        world.destroy(grantee);
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home", grantee = "names-entries")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "DEATH-08",
            promise = "A mapping whose entry the guest had cleared keeps its reference in use until the guest dies, not"
                    + " longer.",
            source = "xen-semantics.md, 7.2, 7.3, 5.2")
    void clearedEntry(World world) {
        Party grantee = world.grantee();
        Ledger ledger = Ledger.of(world, world.granter());
        MappedGrant mapped = new Driver(grantee).map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        world.step("the guest clears the entry");
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
        Expect.different("status of the unmap", 0, new Driver(grantee).tryUnmap(mapped));
        ledger.check();
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
        world.destroy(grantee);
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @BothTables
    @Clause(
            id = "DEATH-09",
            promise = "A domain that dies lets go of what it had mapped, though others still map its own pages.",
            source = "recording lifecycle_v1")
    void bothSides(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        new Driver(grantee).map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        GuestTable back = world.granteeFormat().bringUp(grantee.kernel(), World.GRANTER, -1);
        back.grant(9, World.GRANTER, grantee.pageFrame(1), Page.ORDER_4K, READ_WRITE);
        Ledger ledger = Ledger.of(world, grantee);
        long before = ledger.references(grantee, 1);
        MappedGrant mapped = new MappedGrant();
        Expect.equal(
                "status of the map",
                0,
                granter.kernel().map(World.GRANTEE, back.reference(9), granter.slot(40), 0, READ_WRITE, mapped));
        Expect.different("references", before, world.machine().frames().references(grantee.machineFrame(1)));
        world.step("the granter dies, then the grantee");
        world.destroy(granter);
        ledger.check();
        Expect.holds("its entry can be ended", back.end(9));
        world.destroy(grantee);
        Expect.holds("both are gone", world.machine().domains().isEmpty());
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-10",
            promise = "A second destroy of a zombie answers 0 and changes nothing; one of a domain that is gone is"
                    + " -ESRCH.",
            source = "xen/common/domain.c, domain_kill (a dying domain: nothing more to do)")
    void destroyedTwice(World world) {
        Driver driver = new Driver(world.grantee());
        MappedGrant mapped = driver.map(world.grant(0, Access.READ), 0, Access.READ);
        world.destroy(world.granter());
        Expect.rc(0, world.machine().destroyDomain(World.GRANTER));
        Expect.equal("pages", 1, info(world).pages());
        driver.unmap(mapped);
        Expect.rc(-Errno.ESRCH, world.machine().destroyDomain(World.GRANTER));
    }

    @Needs(format = "flat-home", grantee = "translated")
    @Clause(
            id = "DEATH-11",
            promise = "A guest that Xen crashes keeps its mappings until it is destroyed; then they are undone.",
            source = "xen-semantics.md, 6.2; recording pvh_overmap_v1")
    void crash(World world) {
        Party grantee = world.grantee();
        Ledger ledger = Ledger.of(world, world.granter());
        MapCall map = MapCall.of(World.GRANTER, world.grant(0, READ_WRITE)).at(grantee.slot(0));
        Expect.okay(grantee.call(map));
        world.step("the grantee maps onto its mapping");
        Mapped crashed = grantee.call(map);
        Expect.crashed(crashed.rc());
        Expect.equal("status", Status.GENERAL_ERROR, crashed.status());
        Expect.equal("references", ledger.references(world.granter(), 0) + 1, world.references(0));
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
        Expect.crashed(grantee.vcpu().hypercall(20, 0, 0, 0));
        world.destroy(grantee);
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(granter = "translated", format = "flat-home")
    @Clause(
            id = "DEATH-12",
            promise =
                    "A table frame that its domain had granted keeps the dead domain while it is mapped, and goes with"
                            + " the last unmap.",
            source = "xen-semantics.md, 5.1 (foreign mappings of its grant frames)")
    void tableFrameMapped(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        long ref = world.grant(0, Access.READ);
        Expect.rc(0, granter.call(AddToPhysmapCall.sharedFrame(1, Page.frame(granter.slot(40)))));
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, Page.frame(granter.slot(40)), Page.ORDER_4K, Access.READ);
        MappedGrant mapped = driver.map(ref, 0, Access.READ);
        world.destroy(granter);
        Expect.equal("result", 0, info(world).rc());
        Expect.equal("the empty frame", 0L, world.grantee().load(world.grantee().slot(0)));
        driver.unmap(mapped);
        Expect.rc(-Errno.ESRCH, info(world).rc());
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-13",
            promise = "When the granter dies in the middle of a batch each element is mapped or refused, every mapping"
                    + " can be undone, and then the domain is gone.",
            source = "xen-semantics.md, 5.1 (between dying and the relinquishing a map can still succeed)")
    void granterDiesInABatch(World world) {
        Party grantee = world.grantee();
        Cpu cpu = new Cpu(grantee.vcpu(), grantee.arguments());
        List<MapCall> maps = IntStream.range(0, BATCH)
                .mapToObj(n ->
                        MapCall.of(World.GRANTER, world.grant(n, READ_WRITE)).at(grantee.slot(n)))
                .toList();
        Race.run(() -> mapAndUnmap(cpu, maps), () -> {
            Traffic.pause(BATCH);
            Expect.rc(0, world.machine().destroyDomain(World.GRANTER));
        });
        Expect.rc(-Errno.ESRCH, info(world).rc());
        cpu.batch(maps).forEach(mapped -> Expect.status(Status.BAD_DOMAIN, mapped));
    }

    private static void mapAndUnmap(Cpu cpu, List<MapCall> maps) {
        for (int round = 0; round < 4; round++) {
            List<UnmapCall> unmaps = new ArrayList<>();
            List<Mapped> mapped = cpu.batch(maps);
            for (int n = 0; n < BATCH; n++) {
                if (mapped.get(n).status() == Status.OKAY) {
                    unmaps.add(
                            UnmapCall.of(mapped.get(n).handle()).at(maps.get(n).hostAddress()));
                }
            }
            if (!unmaps.isEmpty()) {
                Expect.allOkay(cpu.batch(unmaps));
            }
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DEATH-14",
            promise = "When the grantee dies in the middle of a batch the granter gets back what the batch had taken.",
            source = GRANTEE_DIES)
    void granteeDiesInABatch(World world) {
        Party grantee = world.grantee();
        Cpu cpu = new Cpu(grantee.vcpu(), grantee.arguments());
        List<MapCall> maps = IntStream.range(0, BATCH)
                .mapToObj(n ->
                        MapCall.of(World.GRANTER, world.grant(n, READ_WRITE)).at(grantee.slot(n)))
                .toList();
        Ledger ledger = Ledger.of(world, world.granter());
        Race.run(() -> Traffic.untilDead(grantee, () -> mapAndUnmap(cpu, maps)), () -> {
            Traffic.pause(BATCH);
            Expect.rc(0, world.machine().destroyDomain(World.GRANTEE));
        });
        ledger.check();
        for (int n = 0; n < BATCH; n++) {
            Expect.holds("the entry can be ended", world.table().end((long) World.FIRST_INDEX + n));
        }
    }

    private static DomainInfo info(World world) {
        return world.machine().domainInfo(World.GRANTER);
    }
}
