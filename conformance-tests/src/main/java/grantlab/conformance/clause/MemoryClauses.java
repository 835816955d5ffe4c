package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.AddToPhysmap;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.MemoryReservation;
import grantlab.api.abi.RemoveFromPhysmap;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.AddToPhysmapCall;
import grantlab.conformance.call.RemoveFromPhysmapCall;
import grantlab.conformance.call.ReservationCall;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.List;

/** Memory that comes and goes around grants, and pages of every type. */
public final class MemoryClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long ONES = -1;
    private static final int MANY = 40;
    private static final int NO_DOMAIN = 9;
    private static final int LIMIT = 2048;

    /** For ServiceLoader. */
    public MemoryClauses() {}

    @Override
    public String prefix() {
        return "MEM";
    }

    @Override
    public String title() {
        return "Memory around grants";
    }

    @Override
    public List<Object> parts() {
        return List.of(new ScarceMemory());
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MEM-01",
            promise = "A page that the granter gave back while it is mapped stays what the grantee sees: nobody gets it"
                    + " before the unmap, and then it is free.",
            source = "xen-semantics.md, 12.18; xen-semantics.md, 3.6")
    void givenBackWhileMapped(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        long frame = granter.machineFrame(0);
        long pages = frames.pages(World.GRANTER);
        granter.store(granter.page(0), 42);
        MappedGrant mapped = new Driver(grantee).map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        giveBack(granter, 0);
        Expect.equal("references", 1, frames.references(frame));
        Expect.equal("pages", pages, frames.pages(World.GRANTER));
        Expect.equal("what the grantee sees", 42L, grantee.load(grantee.slot(0)));
        world.step("others take memory");
        for (int n = 0; n < MANY; n++) {
            Expect.different("a page that somebody got", frame, frames.allocate(World.GRANTEE, Page.ORDER_4K));
        }
        grantee.store(grantee.slot(0), 43);
        Expect.equal("what the grantee sees", 43L, grantee.load(grantee.slot(0)));
        new Driver(grantee).unmap(mapped);
        Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(frame));
        Expect.equal("pages", pages - 1, frames.pages(World.GRANTER));
    }

    @Lacks(format = "every-pin-reads")
    @Needs(granter = "translated")
    @Clause(
            id = "MEM-02",
            promise = "While a reference is in use every use gets the page of the first, though the granter put another"
                    + " at the number; afterwards they get the other.",
            source = "xen-semantics.md, 3.6 (the translation is taken at pin time)")
    void replacedWhileMapped(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Driver driver = new Driver(grantee);
        granter.store(granter.page(0), 42);
        long ref = world.grant(0, READ_WRITE);
        MappedGrant first = driver.map(ref, 0, Access.READ);
        world.step("the granter puts another page at the number");
        giveBack(granter, 0);
        Expect.rc(
                1, granter.call(ReservationCall.populate(granter.pageFrame(0))).rc());
        granter.store(granter.page(0), 99);
        Expect.equal("by the first mapping", 42L, grantee.load(grantee.slot(0)));
        MappedGrant second = driver.map(ref, 1, READ_WRITE);
        Expect.equal("by the second mapping", 42L, grantee.load(grantee.slot(1)));
        driver.unmap(first);
        driver.unmap(second);
        driver.map(ref, 0, READ_WRITE);
        Expect.equal("by a fresh mapping", 99L, grantee.load(grantee.slot(0)));
    }

    @Needs(format = "flat-home", granter = "typed-frames")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MEM-03",
            promise = "A PV page table may be granted to readers; whoever would write is refused, and nothing stays.",
            source = "xen-semantics.md, 3.7")
    void pageTable(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        long table = Page.frame(granter.domain().addressSpace().entryAddress(granter.page(0)));
        FrameTable frames = world.machine().frames();
        long before = frames.references(table);
        long uses = frames.typeUses(table);
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, table, Page.ORDER_4K, READ_WRITE);
        long ref = world.table().reference(World.FIRST_INDEX);
        Expect.equal("status of a writable map", Status.GENERAL_ERROR, driver.tryMap(ref, 0, READ_WRITE));
        Expect.equal("status of a copy into it", Status.GENERAL_ERROR, driver.copyIn(ref, 0));
        Expect.equal("references", before, frames.references(table));
        MappedGrant mapped = driver.map(ref, 0, Access.READ);
        Expect.equal("status of a writable map", Status.GENERAL_ERROR, driver.tryMap(ref, 1, READ_WRITE));
        Expect.equal("references", before + 1, frames.references(table));
        driver.unmap(mapped);
        Expect.equal("type", FrameTable.TYPE_L1, frames.type(table));
        Expect.equal("uses of the type", uses, frames.typeUses(table));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MEM-04",
            promise = "A writable mapping holds one use of the writable type of a PV granter's page, a read-only one"
                    + " none, and an HVM granter's page has no types.",
            source = "xen-semantics.md, 3.7")
    void writableType(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        FrameTable frames = world.machine().frames();
        long frame = granter.machineFrame(0);
        long ref = world.grant(0, READ_WRITE);
        long uses = frames.typeUses(frame);
        long each = granter.translated() ? 0 : 1;
        MappedGrant reader = driver.map(ref, 0, Access.READ);
        Expect.equal("uses of the type", uses, frames.typeUses(frame));
        MappedGrant writer = driver.map(ref, 1, READ_WRITE);
        MappedGrant another = driver.map(ref, 2, READ_WRITE);
        Expect.equal("uses of the type", uses + 2 * each, frames.typeUses(frame));
        driver.unmap(writer);
        Expect.equal("uses of the type", uses + each, frames.typeUses(frame));
        driver.unmap(another);
        driver.unmap(reader);
        Expect.equal("uses of the type", uses, frames.typeUses(frame));
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "MEM-05",
            promise =
                    "HVM: memory that is mapped over stays the guest's and is found nowhere; the unmap leaves a hole.",
            source = "xen-semantics.md, 6.2; 12.16")
    void mappedOver(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        long hidden = grantee.machineFrame(5);
        long pages = frames.pages(World.GRANTEE);
        granter.store(granter.page(0), 42);
        MappedGrant mapped = new MappedGrant();
        long ref = world.grant(0, READ_WRITE);
        Expect.equal(
                "status of the map",
                0,
                grantee.kernel().map(World.GRANTER, ref, grantee.page(5), Page.ORDER_4K, READ_WRITE, mapped));
        Expect.equal("at the page", 42L, grantee.load(grantee.page(5)));
        Expect.equal("owner of the hidden page", World.GRANTEE, frames.owner(hidden));
        Expect.equal("its guest frame", FrameTable.NONE, frames.machineToPhysical(hidden));
        new Driver(grantee).unmap(mapped);
        Expect.equal("at the page", ONES, grantee.load(grantee.page(5)));
        Expect.equal("pages", pages, frames.pages(World.GRANTEE));
        Expect.equal("references of the hidden page", 1, frames.references(hidden));
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "MEM-06",
            promise =
                    "HVM: the guest frame of a mapping cannot be given back, removed, or given to the grant table; the"
                            + " mapping stays.",
            source = "xen-semantics.md, 6.4; 12.16")
    void mappingHoldsItsNumber(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Ledger ledger = Ledger.of(world, granter, grantee);
        granter.store(granter.page(0), 42);
        MappedGrant mapped = new Driver(grantee).map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        long gfn = Page.frame(grantee.slot(0));
        Expect.rc(0, grantee.call(ReservationCall.decrease(gfn)).rc());
        Expect.rc(-Errno.ENOENT, grantee.call(new RemoveFromPhysmapCall(gfn)));
        Expect.rc(-Errno.ENXIO, grantee.call(AddToPhysmapCall.sharedFrame(0, gfn)));
        Expect.equal("through the mapping", 42L, grantee.load(grantee.slot(0)));
        new Driver(grantee).unmap(mapped);
        ledger.check();
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "MEM-07",
            promise = "HVM: populating the guest frame of a mapping makes Xen crash the guest; the mapping stays until"
                    + " it dies.",
            source = "recording questions_pvh_v1 (populate onto a grant mapping)")
    void populatedOver(World world) {
        Party grantee = world.grantee();
        Ledger ledger = Ledger.of(world, world.granter());
        new Driver(grantee).map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        Expect.crashed(grantee.call(ReservationCall.populate(Page.frame(grantee.slot(0))))
                .rc());
        Expect.equal("references", ledger.references(world.granter(), 0) + 1, world.references(0));
        world.destroy(grantee);
        ledger.check();
    }

    @BothTables
    @Clause(
            id = "MEM-08",
            promise = "Nobody grants on what was granted to him: a map of it is GNTST_bad_page.",
            source = "xen-semantics.md, 3.6, 6.4; 12.16")
    void notGrantedOn(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        new Driver(grantee).map(world.grant(0, READ_WRITE), 0, READ_WRITE);
        long references = world.references(0);
        GuestTable table = world.granteeFormat().bringUp(grantee.kernel(), World.GRANTER, -1);
        long frame = grantee.translated() ? Page.frame(grantee.slot(0)) : granter.machineFrame(0);
        table.grant(9, World.GRANTER, frame, Page.ORDER_4K, READ_WRITE);
        MappedGrant none = new MappedGrant();
        Expect.equal(
                "status of the map",
                Status.BAD_PAGE,
                granter.kernel().map(World.GRANTEE, table.reference(9), granter.slot(40), 0, READ_WRITE, none));
        Expect.equal(
                "status of the copy",
                Status.BAD_PAGE,
                granter.kernel().copyFrom(World.GRANTEE, table.reference(9), 0, granter.page(1), 8));
        Expect.equal("references", references, world.references(0));
        Expect.holds("the entry can be ended", table.end(9));
    }

    @Clause(
            id = "MEM-09",
            promise = "A grant of a number behind which there is no page of the granter's is GNTST_bad_page, and the"
                    + " entry can be ended.",
            source = "xen-semantics.md, 3.6")
    void noPage(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        long foreign = world.grantee().machineFrame(3);
        long hole = granter.translated() ? Page.frame(granter.slot(50)) : foreign;
        for (long frame : new long[] {hole, 0x7fff_ffff, 0x20_0000}) {
            world.table().grant(World.FIRST_INDEX, World.GRANTEE, frame, Page.ORDER_4K, READ_WRITE);
            long ref = world.table().reference(World.FIRST_INDEX);
            Expect.equal("status of the map", Status.BAD_PAGE, driver.tryMap(ref, 0, READ_WRITE));
            Expect.equal("status of the copy", Status.BAD_PAGE, driver.copyOut(ref, 0));
            Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        }
    }

    @Clause(
            id = "MEM-10",
            promise = "A page that was given back is no page to grant; what comes in its place is.",
            source = "xen-semantics.md, 3.6; recording questions_v1")
    void givenBackBefore(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Driver driver = new Driver(grantee);
        long ref = world.grant(0, READ_WRITE);
        giveBack(granter, 0);
        Expect.equal("status of the map", Status.BAD_PAGE, driver.tryMap(ref, 0, READ_WRITE));
        ReservationCall.Moved moved = granter.call(ReservationCall.populate(granter.pageFrame(0)));
        Expect.rc(1, moved.rc());
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, moved.frame(), Page.ORDER_4K, READ_WRITE);
        driver.map(ref, 0, READ_WRITE);
        grantee.store(grantee.slot(0), 42);
        long frame = granter.domain().physicalMap().machineFrame(moved.frame());
        Expect.equal("in the page", 42, world.machine().memory().load64(Page.address(frame)));
    }

    @Needs(granter = "translated", format = "flat-home")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MEM-11",
            promise = "HVM: a table frame put where a granted page was frees the page, but not under a mapping.",
            source = "xen-semantics.md, 2.13 (ordinary RAM is freed), 3.6")
    void tableFrameOverGranted(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        long frame = granter.machineFrame(0);
        granter.store(granter.page(0), 42);
        MappedGrant mapped = new Driver(grantee).map(world.grant(0, Access.READ), 0, Access.READ);
        Expect.rc(0, granter.call(AddToPhysmapCall.sharedFrame(1, granter.pageFrame(0))));
        Expect.equal("what the granter sees", 0L, granter.load(granter.page(0)));
        Expect.equal("what the grantee sees", 42L, grantee.load(grantee.slot(0)));
        Expect.equal("references", 1, frames.references(frame));
        new Driver(grantee).unmap(mapped);
        Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(frame));
    }

    @Clause(
            id = "MEM-12",
            promise =
                    "A page that the granter gives back while somebody maps it is free when the last mapping is gone.",
            source = "xen-semantics.md, 12.18; xen-semantics.md, 3.7 (a pin is no proof that the page is alive)")
    void givenBackAgainstMap(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        FrameTable frames = world.machine().frames();
        Cpu cpu = new Cpu(granter.vcpu(), granter.page(60));
        Race.rounds(MANY, n -> {
            long frame = granter.machineFrame(n);
            long ref = world.grant(n, READ_WRITE);
            if (!granter.translated()) {
                Expect.rc(0, granter.updateEntry(granter.page(n), 0));
            }
            ReservationCall giveBack = ReservationCall.decrease(granter.pageFrame(n));
            Race.run(() -> Expect.rc(1, cpu.call(giveBack).rc()), () -> Traffic.useAFewTimes(driver, ref));
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(frame));
            Expect.equal("map afterwards", Status.BAD_PAGE, driver.tryMap(ref, 0, Access.READ));
        });
    }

    @Clause(
            id = "MEM-13",
            promise =
                    "A reservation is changed as far as its list can be read, of oneself alone: no extent is done of a"
                            + " domain that does not exist or is another's, and what cannot be read at all is -EFAULT.",
            source = "xen/common/memory.c, do_memory_op, decrease_reservation, populate_physmap")
    void wrongReservations(World world) {
        Party caller = world.grantee();
        Party other = world.granter();
        FrameTable frames = world.machine().frames();
        long pages = frames.pages(World.GRANTEE);
        long othersPages = frames.pages(World.GRANTER);
        for (int operation : new int[] {MemoryOp.DECREASE_RESERVATION, MemoryOp.POPULATE_PHYSMAP}) {
            Expect.rc(-Errno.EFAULT, caller.hypercall(Hypercall.MEMORY_OP, operation, caller.slot(0), 0));
            Expect.rc(0, reservation(caller, operation, NO_DOMAIN, caller.page(50), 1));
            Expect.rc(0, reservation(caller, operation, Domid.SELF, caller.slot(0), 1));
            caller.store(caller.page(50), other.pageFrame(40));
            Expect.rc(0, reservation(caller, operation, World.GRANTER, caller.page(50), 1));
        }
        Expect.equal("pages of the other", othersPages, frames.pages(World.GRANTER));
        world.step("a list whose second element is beyond the last page");
        long list = caller.page(Party.PAGES - 1) + Page.SIZE - Long.BYTES;
        if (!caller.translated()) {
            Expect.rc(0, caller.updateEntry(caller.page(40), 0));
        }
        caller.store(list, caller.pageFrame(40));
        Expect.rc(1, reservation(caller, MemoryOp.DECREASE_RESERVATION, Domid.SELF, list, 2));
        Expect.equal("pages", pages - 1, frames.pages(World.GRANTEE));
        Expect.rc(1, reservation(caller, MemoryOp.POPULATE_PHYSMAP, Domid.SELF, list, 2));
        Expect.equal("pages", pages, frames.pages(World.GRANTEE));
    }

    @Clause(
            id = "MEM-14",
            promise = "A domain gets no page beyond its limit, and keeps what it cannot be told of.",
            source = "xen/common/memory.c, populate_physmap; xen/common/page_alloc.c, assign_pages")
    void populateAtTheLimit(World world) {
        String paging = world.combination().granteePaging().name();
        Party caller = world.boot(DomainConfig.usual(4, paging).withMaxPages(LIMIT));
        FrameTable frames = world.machine().frames();
        if (caller.translated()) {
            world.step("a number beyond the map");
            caller.store(caller.page(50), 1L << 40);
        } else {
            world.step("a list that cannot be written");
            long entry = world.machine()
                    .memory()
                    .load64(caller.domain().addressSpace().entryAddress(caller.page(50)));
            Expect.rc(0, caller.updateEntry(caller.page(50), entry & ~2L));
        }
        long pages = frames.pages(4);
        Expect.rc(0, reservation(caller, MemoryOp.POPULATE_PHYSMAP, Domid.SELF, caller.page(50), 1));
        Expect.equal("pages", pages + 1, frames.pages(4));
        world.step("pages up to the limit");
        caller.store(caller.page(51), Page.frame(caller.slot(0)));
        for (long n = frames.pages(4); n < LIMIT; n++) {
            Expect.rc(1, reservation(caller, MemoryOp.POPULATE_PHYSMAP, Domid.SELF, caller.page(51), 1));
        }
        Expect.rc(0, reservation(caller, MemoryOp.POPULATE_PHYSMAP, Domid.SELF, caller.page(51), 1));
        Expect.equal("pages", (long) LIMIT, frames.pages(4));
    }

    @Needs(granter = "translated")
    @Clause(
            id = "MEM-15",
            promise = "A map is changed by its own domain, of which the test comes after those of the argument and of"
                    + " the domain; add_to_physmap knows the grant table alone.",
            source = "xen/common/memory.c, XENMEM_add_to_physmap, XENMEM_remove_from_physmap; xen-semantics.md, 2.13")
    void wrongMaps(World world) {
        Party granter = world.granter();
        Party other = world.third();
        long gfn = granter.pageFrame(40);
        for (Party caller : new Party[] {granter, other}) {
            Expect.rc(-Errno.EFAULT, caller.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP, caller.slot(0), 0));
            Expect.rc(
                    -Errno.EFAULT,
                    caller.hypercall(Hypercall.MEMORY_OP, MemoryOp.REMOVE_FROM_PHYSMAP, caller.slot(0), 0));
            Expect.rc(-Errno.ESRCH, add(caller, NO_DOMAIN, AddToPhysmap.SPACE_GRANT_TABLE, gfn));
            Expect.rc(-Errno.ESRCH, remove(caller, NO_DOMAIN, gfn));
        }
        Expect.rc(-Errno.EPERM, add(other, World.GRANTER, AddToPhysmap.SPACE_GRANT_TABLE, gfn));
        Expect.rc(-Errno.EPERM, remove(other, World.GRANTER, gfn));
        Expect.rc(-Errno.ENOSYS, add(granter, Domid.SELF, AddToPhysmap.SPACE_GRANT_TABLE + 7, gfn));
        Expect.equal(
                "its page",
                granter.machineFrame(40),
                granter.domain().physicalMap().machineFrame(gfn));
        Expect.rc(0, remove(granter, World.GRANTER, gfn));
        Expect.equal("its page", -1L, granter.domain().physicalMap().machineFrame(gfn));
    }

    private static long reservation(Party caller, int operation, int domid, long list, long extents) {
        long argument = caller.arguments();
        caller.store(argument + MemoryReservation.EXTENT_START, list);
        caller.store(argument + MemoryReservation.NR_EXTENTS, extents);
        caller.store(argument + MemoryReservation.EXTENT_ORDER, 0);
        caller.store(argument + MemoryReservation.DOMID, domid);
        return caller.hypercall(Hypercall.MEMORY_OP, operation, argument, 0);
    }

    private static long add(Party caller, int domid, int space, long gfn) {
        long argument = caller.arguments();
        caller.store(argument + AddToPhysmap.DOMID, domid | (long) space << 32);
        caller.store(argument + AddToPhysmap.IDX, 0);
        caller.store(argument + AddToPhysmap.GPFN, gfn);
        return caller.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP, argument, 0);
    }

    private static long remove(Party caller, int domid, long gfn) {
        long argument = caller.arguments();
        caller.store(argument + RemoveFromPhysmap.DOMID, domid);
        caller.store(argument + RemoveFromPhysmap.GPFN, gfn);
        return caller.hypercall(Hypercall.MEMORY_OP, MemoryOp.REMOVE_FROM_PHYSMAP, argument, 0);
    }

    /** A PV guest gives up its own mapping first. */
    private static void giveBack(Party granter, int page) {
        if (!granter.translated()) {
            Expect.rc(0, granter.updateEntry(granter.page(page), 0));
        }
        Expect.rc(
                1,
                granter.call(ReservationCall.decrease(granter.pageFrame(page))).rc());
    }
}
