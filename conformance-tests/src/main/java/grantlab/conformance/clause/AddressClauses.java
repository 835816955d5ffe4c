package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.List;

/** Addresses and domain ids that a guest should not have given. */
@Needs(format = "flat-home")
public final class AddressClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int PTE = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;
    private static final long XENS = 0xffff_8300_0000_0000L;
    private static final long NOT_CANONICAL = 1L << 63;
    private static final long NO_TABLE = 0x5000_0000L;
    private static final long BEYOND_PHYSMAP = 1L << 50;

    /** For ServiceLoader. */
    public AddressClauses() {}

    @Override
    public String prefix() {
        return "ADDR";
    }

    @Override
    public String title() {
        return "Wrong addresses and domain ids";
    }

    @Clause(
            id = "ADDR-01",
            promise = "The offset in an address does not count, neither when mapping nor when unmapping.",
            source = "xen-semantics.md, 2.2, 6.1; 12.10 and 12.16")
    void offsets(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.store(granter.page(0), 42);
        Mapped mapped = grantee.call(map(world.grant(0, READ_WRITE), grantee.slot(0) + 0x7b5));
        Expect.okay(mapped);
        Expect.equal("at the beginning of the slot", 42L, grantee.load(grantee.slot(0)));
        Expect.okay(grantee.call(unmap(mapped, grantee.slot(0) + 0xfff)));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "ADDR-02",
            promise = "PV: a linear address in Xen's range, not canonical, or without a page table is"
                    + " GNTST_general_error, and nothing stays.",
            source = "xen-semantics.md, 7.2 row 2")
    void linear(World world) {
        refused(world, Gntmap.HOST_MAP, XENS, NOT_CANONICAL, NO_TABLE, -Page.SIZE, 0, 1L << 47);
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "ADDR-03",
            promise = "HVM: an address beyond the physical width is GNTST_general_error, and nothing stays.",
            source = "xen-semantics.md, 6.2; 12.16")
    void beyondPhysmap(World world) {
        refused(world, Gntmap.HOST_MAP, BEYOND_PHYSMAP, XENS, NOT_CANONICAL, -Page.SIZE);
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "ADDR-04",
            promise = "The address of an entry must be a multiple of 8, in a page of the caller's own that is a page"
                    + " table of level 1.",
            source = "xen-semantics.md, 7.2; 8.1 row 13 (XSA-227)")
    void entries(World world) {
        Party grantee = world.grantee();
        long entry = grantee.domain().addressSpace().entryAddress(grantee.slot(0));
        Expect.okay(grantee.call(map(world.grant(1, Access.READ), entry).flags(PTE | Gntmap.READONLY)));
        long data = Page.address(grantee.pageFrame(3));
        long foreign = Page.address(world.granter().machineFrame(3));
        refused(world, PTE, entry + 4, entry + 1, data, foreign, Page.address(0x7fff_ffff), -8, grantee.slot(0));
    }

    @Needs(granter = "names-entries", grantee = "names-entries")
    @Clause(
            id = "ADDR-05",
            promise = "An entry in another domain's page table is no place for a mapping.",
            source = "xen-semantics.md, 7.2 (frame not owned by caller)")
    void foreignTable(World world) {
        Party granter = world.granter();
        refused(world, PTE, granter.domain().addressSpace().entryAddress(granter.slot(20)));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "ADDR-06",
            promise = "A mapping made by the address of its entry is undone so, one made by a linear address so: mixed"
                    + " forms are GNTST_general_error.",
            source = "xen-semantics.md, 7.4; 12.10")
    void mixedForms(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        long first = grantee.domain().addressSpace().entryAddress(grantee.slot(0));
        long second = grantee.domain().addressSpace().entryAddress(grantee.slot(1));
        Mapped byEntry = grantee.call(map(ref, first).flags(PTE));
        Mapped byAddress = grantee.call(map(ref, grantee.slot(1)));
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmap(byEntry, grantee.slot(0))));
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmap(byAddress, second)));
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmap(byEntry, first + 4)));
        Expect.okay(grantee.call(unmap(byEntry, first)));
        Expect.okay(grantee.call(unmap(byAddress, grantee.slot(1))));
    }

    @Clause(
            id = "ADDR-07",
            promise = "Numbers that are no domain's, DOMID_SELF among them, are GNTST_bad_domain for map; for copy"
                    + " DOMID_SELF is the caller.",
            source = "xen-semantics.md, 1.9; 12.2")
    void domids(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        CopyCall.End page = CopyCall.own(grantee.pageFrame(0), 0);
        for (int dom : List.of(9, 0x7fef, Domid.IO, Domid.XEN, Domid.COW, Domid.INVALID, Domid.IDLE, 0xffff, 0x8001)) {
            Expect.status(Status.BAD_DOMAIN, grantee.call(new MapCall(dom, ref, grantee.slot(0), Gntmap.HOST_MAP)));
            Expect.status(Status.BAD_DOMAIN, grantee.call(CopyCall.from(CopyCall.of(dom, ref, 0), page, 8)));
            Expect.status(Status.BAD_DOMAIN, grantee.call(CopyCall.to(page, CopyCall.of(dom, ref, 0), 8)));
        }
        Expect.status(Status.BAD_DOMAIN, grantee.call(new MapCall(Domid.SELF, ref, grantee.slot(0), Gntmap.HOST_MAP)));
        Expect.status(Status.GENERAL_ERROR, grantee.call(CopyCall.from(CopyCall.of(Domid.SELF, 5, 0), page, 8)));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Clause(
            id = "ADDR-08",
            promise =
                    "An unmap believes no address: where nothing, another page, or memory is, it fails, and the mapping"
                            + " stays.",
            source = "xen-semantics.md, 6.6, 7.4 row 5, 11.1 number 9")
    void unmapElsewhere(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Mapped mapped = grantee.call(map(ref, grantee.slot(0)));
        Expect.okay(grantee.call(map(world.grant(1, READ_WRITE), grantee.slot(1))));
        long before = world.references(0);
        for (long address : new long[] {
            grantee.slot(1), grantee.slot(2), grantee.page(3), XENS, NOT_CANONICAL, NO_TABLE, BEYOND_PHYSMAP
        }) {
            Expect.status(Status.GENERAL_ERROR, grantee.call(unmap(mapped, address)));
        }
        Expect.equal("references", before, world.references(0));
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
        grantee.store(grantee.slot(1), 7);
        Expect.equal(
                "through the other mapping",
                7L,
                world.granter().load(world.granter().page(1)));
        Expect.okay(grantee.call(unmap(mapped, grantee.slot(0))));
    }

    @Clause(
            id = "ADDR-09",
            promise = "Two mappings of one page with the same right may be undone at each other's address, and nothing"
                    + " is left.",
            source = "xen-semantics.md, 7.4 (any PTE that matches is accepted); 12.10")
    void exchangedAddresses(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter());
        Mapped first = grantee.call(map(ref, grantee.slot(0)));
        Mapped second = grantee.call(map(ref, grantee.slot(1)));
        Expect.okay(grantee.call(unmap(first, grantee.slot(1))));
        world.granter().store(world.granter().page(0), 42);
        Expect.equal("at the place of the first", 42L, grantee.load(grantee.slot(0)));
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmap(second, grantee.slot(1))));
        Expect.okay(grantee.call(unmap(second, grantee.slot(0))));
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "ADDR-10",
            promise =
                    "PV: a read-only mapping is not undone with the handle of a writable one, nor the other way round.",
            source = "xen-semantics.md, 7.4 row 6; 8.1 row 17 (XSA-234)")
    void otherRight(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Mapped writable = grantee.call(map(ref, grantee.slot(0)));
        Mapped readOnly = grantee.call(map(ref, grantee.slot(1)).readonly());
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmap(writable, grantee.slot(1))));
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmap(readOnly, grantee.slot(0))));
        Expect.okay(grantee.call(unmap(writable, grantee.slot(0))));
        Expect.okay(grantee.call(unmap(readOnly, grantee.slot(1))));
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "ADDR-11",
            promise =
                    "HVM: a mapping at address 0 works, is not undone by address 0, and is by any other address of the"
                            + " page.",
            source = "xen-semantics.md, 2.2 (a mapping at address 0)")
    void addressZero(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        Mapped mapped = grantee.call(map(ref, 0));
        Expect.okay(mapped);
        Expect.okay(grantee.call(unmap(mapped, 0)));
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
        Expect.okay(grantee.call(unmap(mapped, 8)));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "ADDR-12",
            promise = "PV: an array that begins in Xen's range is -EFAULT even when it is empty.",
            source = "xen-semantics.md, 2.0 step 4; recording questions_v1")
    void arrayInXensRange(World world) {
        Party grantee = world.grantee();
        for (int operation : List.of(
                GnttabOp.MAP_GRANT_REF,
                GnttabOp.UNMAP_GRANT_REF,
                GnttabOp.TRANSFER,
                GnttabOp.COPY,
                GnttabOp.UNMAP_AND_REPLACE,
                GnttabOp.SWAP_GRANT_REF,
                GnttabOp.CACHE_FLUSH)) {
            Expect.rc(-Errno.EFAULT, grantee.grantTableOp(operation, XENS, 0));
            Expect.rc(-Errno.EFAULT, grantee.grantTableOp(operation, XENS, 1));
            Expect.rc(0, grantee.grantTableOp(operation, NO_TABLE, 0));
            Expect.rc(-Errno.EFAULT, grantee.grantTableOp(operation, NO_TABLE, 1));
        }
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "ADDR-13",
            promise = "HVM: a bad array is noticed when an element is read, so not when it is empty; a mapped grant is"
                    + " no place for arguments.",
            source = "xen-semantics.md, 2.0 step 4; recording questions_pvh_v1 (read-only entries and arguments)")
    void arrayInHole(World world) {
        Party grantee = world.grantee();
        Expect.okay(grantee.call(map(world.grant(0, READ_WRITE), grantee.slot(0))));
        for (long address : new long[] {XENS, grantee.slot(5), 0x5000, grantee.slot(0)}) {
            Expect.rc(0, grantee.grantTableOp(GnttabOp.MAP_GRANT_REF, address, 0));
            Expect.rc(-Errno.EFAULT, grantee.grantTableOp(GnttabOp.MAP_GRANT_REF, address, 1));
            Expect.rc(-Errno.EFAULT, grantee.grantTableOp(GnttabOp.QUERY_SIZE, address, 1));
        }
    }

    @Clause(
            id = "ADDR-14",
            promise = "A frame of another domain's is no side of a copy: GNTST_permission_denied for the caller's own"
                    + " number as for another's, without a byte moved.",
            source = "xen-semantics.md, 2.7.2; 8.1 row 40 (XSA-523)")
    void foreignFrames(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        granter.store(granter.page(1), 42);
        CopyCall.End own = CopyCall.own(grantee.pageFrame(1), 0);
        CopyCall.End foreign = CopyCall.of(World.GRANTER, granter.pageFrame(1), 0);
        CopyCall.End byNumber = CopyCall.of(World.GRANTEE, grantee.pageFrame(1), 0);
        CopyCall good = CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), own, 8);
        for (CopyCall bad : List.of(
                new CopyCall(foreign, own, 8, 0),
                new CopyCall(own, foreign, 8, 0),
                new CopyCall(byNumber, own, 8, 0),
                new CopyCall(own, byNumber, 8, 0))) {
            Expect.status(
                    Status.PERMISSION_DENIED, grantee.batch(List.of(good, bad)).getLast());
        }
        Expect.equal("the granter's page", 42L, granter.load(granter.page(1)));
        Expect.equal("the grantee's page", 0L, grantee.load(grantee.page(1)));
    }

    /** A writable map of p0 there fails, and neither references nor bits are left. */
    private static void refused(World world, int flags, long... addresses) {
        long ref = world.grant(0, READ_WRITE);
        Ledger ledger = Ledger.of(world, world.granter(), world.grantee());
        for (long address : addresses) {
            Expect.status(
                    Status.GENERAL_ERROR, world.grantee().call(map(ref, address).flags(flags)));
        }
        ledger.check();
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    private static MapCall map(long ref, long address) {
        return MapCall.of(World.GRANTER, ref).at(address);
    }

    private static UnmapCall unmap(Mapped mapped, long address) {
        return UnmapCall.of(mapped.handle()).at(address);
    }
}
