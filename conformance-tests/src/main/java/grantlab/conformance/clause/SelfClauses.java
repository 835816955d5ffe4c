package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.ReservationCall;

/** A domain that maps what it granted to itself. The granter is alone here. */
public final class SelfClauses implements ClauseFamily {
    private static final String MOVES = "xen-semantics.md, 6.5; 12.16; recording questions_pvh_v1";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long ONES = -1;
    private static final int OLD = 10;
    private static final int NEW = 30;
    private static final int NEXT = 31;
    private static final long USER_PRESENT = 0x65;
    private static final long WRITABLE = 2;

    /** For ServiceLoader. */
    public SelfClauses() {}

    @Override
    public String prefix() {
        return "SELF";
    }

    @Override
    public String title() {
        return "A domain's own grants";
    }

    @Lacks(granter = "translated")
    @Clause(
            id = "SELF-01",
            promise = "A PV guest may map its own grant: one page at two addresses, and the unmap leaves the first.",
            source = "xen-semantics.md, 6.5 (on PV none of these effects), 2.1")
    void alias(World world) {
        Party self = world.granter();
        Driver driver = new Driver(self);
        long ref = grantToItself(world, READ_WRITE);
        Ledger ledger = Ledger.of(world, self);
        MappedGrant mapped = driver.map(ref, NEW, READ_WRITE);
        self.store(self.slot(NEW), 42);
        Expect.equal("at its old address", 42L, self.load(self.page(OLD)));
        Expect.equal("references", ledger.references(self, OLD) + 1, world.references(OLD));
        Expect.equal("type", FrameTable.TYPE_WRITABLE, world.machine().frames().type(self.machineFrame(OLD)));
        driver.unmap(mapped);
        Expect.different("fault at the slot", 0, self.tryLoad(self.slot(NEW)));
        Expect.equal("at its old address", 42L, self.load(self.page(OLD)));
        ledger.check();
    }

    @Needs(format = "flat-home", granter = "translated")
    @Clause(
            id = "SELF-02",
            promise = "In an HVM guest the page moves to where its grant is mapped: the old address reads ones, the"
                    + " books know no guest frame of it.",
            source = MOVES)
    void moves(World world) {
        Party self = world.granter();
        long frame = self.machineFrame(OLD);
        long pages = world.machine().frames().pages(World.GRANTER);
        long ref = grantToItself(world, READ_WRITE);
        self.store(self.page(OLD), 42);
        new Driver(self).map(ref, NEW, READ_WRITE);
        Expect.equal("at its old address", ONES, self.load(self.page(OLD)));
        Expect.equal("at its new address", 42L, self.load(self.slot(NEW)));
        Expect.equal("guest frame", FrameTable.NONE, world.machine().frames().machineToPhysical(frame));
        Expect.equal("pages", pages, world.machine().frames().pages(World.GRANTER));
    }

    @Needs(format = "flat-home", granter = "translated")
    @Clause(
            id = "SELF-03",
            promise = "After the unmap the page is nowhere, still counts, and its grant is worth nothing:"
                    + " GNTST_bad_page.",
            source = MOVES)
    void lostByUnmap(World world) {
        Party self = world.granter();
        Driver driver = new Driver(self);
        long frame = self.machineFrame(OLD);
        long pages = world.machine().frames().pages(World.GRANTER);
        long ref = grantToItself(world, READ_WRITE);
        driver.unmap(driver.map(ref, NEW, READ_WRITE));
        Expect.equal("at its old address", ONES, self.load(self.page(OLD)));
        Expect.equal("at its new address", ONES, self.load(self.slot(NEW)));
        Expect.equal("status of another map", Status.BAD_PAGE, driver.tryMap(ref, NEW, READ_WRITE));
        Expect.equal("status of a copy", Status.BAD_PAGE, driver.copyOut(ref, 0));
        Expect.equal("pages", pages, world.machine().frames().pages(World.GRANTER));
        Expect.equal("references", 1, world.machine().frames().references(frame));
        Expect.equal("type uses", 0, world.machine().frames().typeUses(frame));
    }

    @Needs(format = "flat-home", granter = "translated")
    @Clause(
            id = "SELF-04",
            promise = "While the grant is mapped it may be mapped again, and both addresses show the page, each until"
                    + " its own unmap.",
            source = MOVES)
    void twice(World world) {
        Party self = world.granter();
        Driver driver = new Driver(self);
        long ref = grantToItself(world, READ_WRITE);
        MappedGrant first = driver.map(ref, NEW, READ_WRITE);
        MappedGrant second = driver.map(ref, NEXT, READ_WRITE);
        self.store(self.slot(NEXT), 42);
        Expect.equal("at the first address", 42L, self.load(self.slot(NEW)));
        driver.unmap(first);
        Expect.equal("at the first address", ONES, self.load(self.slot(NEW)));
        Expect.equal("at the second address", 42L, self.load(self.slot(NEXT)));
        driver.unmap(second);
        Expect.equal("at the second address", ONES, self.load(self.slot(NEXT)));
    }

    @Needs(format = "flat-home", granter = "translated")
    @Clause(
            id = "SELF-05",
            promise = "A map of an own grant beyond the physical width fails, and the page has lost its old place all"
                    + " the same.",
            source = "xen-semantics.md, 6.5")
    void lostByFailure(World world) {
        Party self = world.granter();
        long ref = grantToItself(world, READ_WRITE);
        long frame = self.machineFrame(OLD);
        Expect.status(
                Status.GENERAL_ERROR, self.call(MapCall.of(World.GRANTER, ref).at(1L << 50)));
        Expect.equal("at its old address", ONES, self.load(self.page(OLD)));
        Expect.equal("references", 1, world.machine().frames().references(frame));
        Expect.status(Status.BAD_PAGE, self.call(MapCall.of(World.GRANTER, ref).at(self.slot(NEW))));
    }

    @Needs(format = "flat-home", granter = "translated")
    @Clause(
            id = "SELF-06",
            promise = "What an HVM guest gives back at the place of its own grant is gone from there; the handle cannot"
                    + " be unmapped any more, and the page is freed with the domain.",
            source = "recording questions_pvh_v1 (decrease of m3, unmap)")
    void givenBack(World world) {
        Party self = world.granter();
        Driver driver = new Driver(self);
        long ref = grantToItself(world, READ_WRITE);
        long frame = self.machineFrame(OLD);
        MappedGrant mapped = driver.map(ref, NEW, READ_WRITE);
        Expect.rc(
                1,
                self.call(ReservationCall.decrease(Page.frame(self.slot(NEW)))).rc());
        Expect.equal("at its new address", ONES, self.load(self.slot(NEW)));
        Expect.different("status of the unmap", 0, driver.tryUnmap(mapped));
        Expect.equal("owner", World.GRANTER, world.machine().frames().owner(frame));
        world.destroy(self);
        Expect.equal("owner", FrameTable.NO_OWNER, world.machine().frames().owner(frame));
    }

    @Lacks(granter = "translated")
    @Needs(format = "flat-home")
    @Clause(
            id = "SELF-07",
            promise = "A PV guest may change the entry of its mapping: while its right differs from the handle's the"
                    + " unmap fails; put back, it works.",
            source = "xen-semantics.md, 7.3, 7.4 row 6; 8.1 row 17 (XSA-234)")
    void editedEntry(World world) {
        Party self = world.granter();
        Driver driver = new Driver(self);
        long ref = grantToItself(world, READ_WRITE);
        Ledger ledger = Ledger.of(world, self);
        MappedGrant mapped = driver.map(ref, NEW, READ_WRITE);
        long readOnly = Page.address(self.pageFrame(OLD)) | USER_PRESENT;
        Expect.rc(0, self.updateEntry(self.slot(NEW), readOnly));
        Expect.different("status of the unmap", 0, driver.tryUnmap(mapped));
        Expect.rc(0, self.updateEntry(self.slot(NEW), 0));
        Expect.different("status of the unmap", 0, driver.tryUnmap(mapped));
        world.step("the guest puts the same page and right there again");
        Expect.rc(0, self.updateEntry(self.slot(NEW), readOnly | WRITABLE));
        driver.unmap(mapped);
        ledger.check();
    }

    @Needs(granter = "translated")
    @Clause(
            id = "SELF-08",
            promise = "A read-only mapping of an own grant drops the stores and shows the page.",
            source = "xen-semantics.md, 6.1; 12.16")
    void readOnly(World world) {
        Party self = world.granter();
        long ref = grantToItself(world, Access.READ);
        self.store(self.page(OLD), 42);
        new Driver(self).map(ref, NEW, Access.READ);
        self.store(self.slot(NEW), 43);
        Expect.equal("at its new address", 42L, self.load(self.slot(NEW)));
    }

    private static long grantToItself(World world, int access) {
        world.step("d1 grants p" + OLD + " to itself");
        Party self = world.granter();
        GuestTable table = world.format().bringUp(self.kernel(), World.GRANTER, -1);
        table.grant(World.FIRST_INDEX, World.GRANTER, self.pageFrame(OLD), Page.ORDER_4K, access);
        return table.reference(World.FIRST_INDEX);
    }
}
