package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.grant.FlatFormat;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answered;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.hypervisor.domain.DomainConfig;

/** GNTTABOP_map_grant_ref: what a request may say, which test comes before which, and what it answers. */
@Needs(format = "flat-home")
public final class RequestClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int NO_DOMAIN = 9;
    private static final long NO_REF = 99_999;

    /** For ServiceLoader. */
    public RequestClauses() {}

    @Override
    public String prefix() {
        return "REQ";
    }

    @Override
    public String title() {
        return "Map requests and the order of their tests";
    }

    @Clause(
            id = "REQ-01",
            promise = "Flags with neither device_map nor host_map are -3, whatever else is wrong, and take no handle.",
            source = "xen-semantics.md, 2.1 row 1, 11.2; recording map_v1 lines 6..90")
    void neitherDeviceNorHost(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        world.step("the grantee asks for nothing, with other flags, and of nobody");
        for (int flags :
                new int[] {0, Gntmap.READONLY, Gntmap.APPLICATION_MAP, Gntmap.CONTAINS_PTE, 0x20, 0xffff_0000}) {
            refused(world, Status.BAD_GNTREF, at(world, ref).flags(flags));
            refused(
                    world,
                    Status.BAD_GNTREF,
                    MapCall.of(NO_DOMAIN, NO_REF).at(-1).flags(flags));
        }
        Expect.equal("the first handle", 0, grantee.call(at(world, ref)).handle());
    }

    @Clause(
            id = "REQ-02",
            promise = "A granter that does not exist is -2, DOMID_SELF and the system's ids among them, and takes no"
                    + " handle.",
            source = "xen-semantics.md, 1.9, 2.1 row 3; recording map_v1 lines 419..427")
    void noSuchDomain(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        world.step("the grantee names domains that are none");
        for (int dom :
                new int[] {NO_DOMAIN, Domid.SELF, Domid.IO, Domid.XEN, Domid.COW, Domid.INVALID, Domid.IDLE, 0xffff}) {
            refused(world, Status.BAD_DOMAIN, MapCall.of(dom, ref).at(grantee.slot(0)));
            refused(world, Status.BAD_DOMAIN, MapCall.of(dom, NO_REF).at(-1));
        }
        Expect.equal("the first handle", 0, grantee.call(at(world, ref)).handle());
    }

    @Lacks(grantee = {"device-mappings", "names-entries"})
    @Clause(
            id = "REQ-03",
            promise = "A guest without page tables of its own may not ask for device, application or contains_pte"
                    + " mappings:"
                    + " -1, before the granter is looked up.",
            source = "xen-semantics.md, 2.1 row 2, 11.2")
    void notForTranslated(World world) {
        long ref = world.grant(0, READ_WRITE);
        world.step("the grantee asks, of the granter and of nobody");
        for (int flag : new int[] {Gntmap.DEVICE_MAP, Gntmap.APPLICATION_MAP, Gntmap.CONTAINS_PTE}) {
            int flags = Gntmap.HOST_MAP | flag;
            refused(world, Status.GENERAL_ERROR, at(world, ref).flags(flags));
            refused(world, Status.GENERAL_ERROR, MapCall.of(NO_DOMAIN, NO_REF).flags(flags));
        }
        refused(world, Status.GENERAL_ERROR, at(world, ref).flags(Gntmap.DEVICE_MAP));
        Expect.equal("the first handle", 0, world.grantee().call(at(world, ref)).handle());
    }

    @Clause(
            id = "REQ-04",
            promise = "Without a tracking handle a map is -13: after flags and domain, before the reference is"
                    + " looked at.",
            source = "xen-semantics.md, 2.1 row 5, 11.2; recording questions_v1 lines 27..30")
    void noHandle(World world) {
        String paging = world.combination().granteePaging().name();
        Party poor = world.boot(DomainConfig.usual(4, paging).withGrantLimits(-1, 0, 2));
        long ref = world.grant(0, READ_WRITE);
        world.step("a domain that may have no handles maps");
        MapCall call = MapCall.of(World.GRANTER, ref).at(poor.slot(0));
        Expect.status(Status.BAD_GNTREF, poor.call(new MapCall(NO_DOMAIN, NO_REF, 0, 0)));
        Expect.status(Status.BAD_DOMAIN, poor.call(MapCall.of(NO_DOMAIN, NO_REF)));
        Expect.status(Status.NO_SPACE, poor.call(MapCall.of(World.GRANTER, NO_REF)));
        Expect.status(Status.NO_SPACE, poor.call(call));
        Expect.status(Status.NO_SPACE, poor.call(call.readonly()));
        Sight.nothing(poor, poor.slot(0));
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
    }

    @Clause(
            id = "REQ-05",
            promise = "A reference beyond the granter's table is -3, an unused one within it -1, and growing moves"
                    + " the border.",
            source = "xen-semantics.md, 2.1 row 6; recording map_v1 lines 430..438")
    void tableBorder(World world) {
        long ref = world.grant(0, READ_WRITE);
        long size = ((FlatFormat) world.format()).entriesPerFrame();
        world.step("the grantee maps around the end of a table of one frame");
        refused(world, Status.GENERAL_ERROR, at(world, size - 1));
        for (long beyond : new long[] {size, 2 * size, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL}) {
            refused(world, Status.BAD_GNTREF, at(world, beyond));
        }
        world.step("the granter grows its table to two frames");
        Expect.okay(world.granter().call(SetupTableCall.own(2)));
        refused(world, Status.GENERAL_ERROR, at(world, size));
        refused(world, Status.GENERAL_ERROR, at(world, 2 * size - 1));
        refused(world, Status.BAD_GNTREF, at(world, 2 * size));
        Expect.okay(world.grantee().call(at(world, ref)));
    }

    @Clause(
            id = "REQ-06",
            promise = "A map that fails after it took its handle puts it at the end of the queue: handle numbers"
                    + " advance.",
            source = "xen-semantics.md, 2.1 (details), 3.8")
    void handlesAdvance(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        world.step("three maps fail: bad reference, unused entry, bad address");
        refused(world, Status.BAD_GNTREF, at(world, NO_REF));
        refused(world, Status.GENERAL_ERROR, at(world, ref + 1));
        refused(world, Status.GENERAL_ERROR, MapCall.of(World.GRANTER, ref).at(-Page.SIZE));
        world.step("the next ones succeed");
        Expect.equal("the fourth handle taken", 3, grantee.call(at(world, ref)).handle());
        MapCall second = MapCall.of(World.GRANTER, ref).at(grantee.slot(1));
        Expect.equal("the fifth handle taken", 4, grantee.call(second).handle());
    }

    @Clause(
            id = "REQ-07",
            promise = "A failed map leaves handle and dev_bus_addr as the caller had them, and no map changes its"
                    + " inputs.",
            source = "xen-semantics.md, 1.8 (write-back)")
    void outputsOfFailure(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        long struct = grantee.arguments();
        long[] failing = {
            ref | (long) World.GRANTER << 32, NO_REF | (long) World.GRANTER << 32, ref | (long) NO_DOMAIN << 32
        };
        int[] statuses = {Status.GENERAL_ERROR, Status.BAD_GNTREF, Status.BAD_DOMAIN};
        for (int n = 0; n < failing.length; n++) {
            world.step("a map that answers " + statuses[n]);
            write(grantee, struct, failing[n], Gntmap.HOST_MAP);
            Expect.rc(0, grantee.grantTableOp(GnttabOp.MAP_GRANT_REF, struct, 1));
            Expect.equal("status", statuses[n], (short) (grantee.load(struct + MapGrantRef.STATUS) & 0xffff));
            Expect.equal("handle", 0x1234_5678, low32(grantee.load(struct + MapGrantRef.HANDLE)));
            Expect.equal("dev_bus_addr", 0x55aaL, grantee.load(struct + MapGrantRef.DEV_BUS_ADDR));
            inputsKept(grantee, struct, failing[n], Gntmap.HOST_MAP);
        }
        world.step("a map that succeeds");
        int flags = Gntmap.HOST_MAP | Gntmap.READONLY;
        write(grantee, struct, failing[0], flags);
        Expect.rc(0, grantee.grantTableOp(GnttabOp.MAP_GRANT_REF, struct, 1));
        Expect.equal("status", 0, (short) (grantee.load(struct + MapGrantRef.STATUS) & 0xffff));
        inputsKept(grantee, struct, failing[0], flags);
    }

    /** Reference and domain as they stand in the struct, with 16 bits of status between. */
    private static void write(Party grantee, long struct, long refAndDomain, int flags) {
        grantee.store(struct + MapGrantRef.HOST_ADDR, grantee.slot(0));
        grantee.store(struct + MapGrantRef.REF, refAndDomain);
        grantee.store(struct + MapGrantRef.FLAGS, flags | (refAndDomain & 0xffff_ffffL) << 32);
        grantee.store(struct + MapGrantRef.HANDLE, 0x1234_5678L);
        grantee.store(struct + MapGrantRef.DEV_BUS_ADDR, 0x55aaL);
    }

    private static void inputsKept(Party grantee, long struct, long refAndDomain, int flags) {
        Expect.equal("host_addr", grantee.slot(0), grantee.load(struct + MapGrantRef.HOST_ADDR));
        Expect.equal("flags", flags, low32(grantee.load(struct + MapGrantRef.FLAGS)));
        Expect.equal("ref and dom", refAndDomain, grantee.load(struct + MapGrantRef.REF) & 0xffff_ffff_ffffL);
    }

    private static long low32(long word) {
        return word & 0xffff_ffffL;
    }

    @Clause(
            id = "REQ-08",
            promise = "Every successful map answers the machine address of the page, also without device_map.",
            source = "xen-semantics.md, 2.1 (details); xen-semantics.md, 12.9")
    void machineAddressTold(World world) {
        Party grantee = world.grantee();
        for (int n = 0; n < 2; n++) {
            long ref = world.grant(n, READ_WRITE);
            world.step("the grantee maps p" + n + " writable and read-only");
            long expected = Page.address(world.granter().machineFrame(n));
            MapCall call = MapCall.of(World.GRANTER, ref);
            Mapped writable = grantee.call(call.at(grantee.slot(2 * n)));
            Mapped readOnly = grantee.call(call.at(grantee.slot(2 * n + 1)).readonly());
            Expect.equal("dev_bus_addr", expected, writable.deviceAddress());
            Expect.equal("dev_bus_addr of a read-only mapping", expected, readOnly.deviceAddress());
        }
    }

    @Clause(
            id = "REQ-09",
            promise = "A place where nothing can be mapped is -1, never -5, and all that the map had taken is given"
                    + " back.",
            source = "xen-semantics.md, 1.6, 2.1 rows 13 and 11..14 undone; recording map_v1 lines 488..511")
    void badPlaces(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        long references = world.references(0);
        long uses = world.machine().frames().typeUses(world.granter().machineFrame(0));
        world.step("the grantee maps at addresses that are none");
        long[] pv = {
            0x300_0000_0000L,
            0x7fff_ffff_f000L,
            0x8000_0000_0000L,
            0xffff_8000_0000_0000L,
            0xffff_8300_0000_0000L,
            -1,
            0
        };
        long[] translated = {1L << 52, 1L << 62, Long.MIN_VALUE, -Page.SIZE, -1};
        for (long address : grantee.translated() ? translated : pv) {
            MapCall call = MapCall.of(World.GRANTER, ref).at(address);
            refused(world, Status.GENERAL_ERROR, call);
            refused(world, Status.GENERAL_ERROR, call.readonly());
            Expect.equal("references on p0", references, world.references(0));
            Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        }
        Expect.equal(
                "uses of the type of p0",
                uses,
                world.machine().frames().typeUses(world.granter().machineFrame(0)));
    }

    @Lacks(format = "every-pin-reads")
    @Clause(
            id = "REQ-10",
            promise = "While a reference is mapped its entry is not looked at again: a further map of the same kind"
                    + " succeeds"
                    + " though the entry was emptied.",
            source = "xen-semantics.md, 2.1 (details); recording unmap_v1 lines 91..101")
    void pinnedEntryNotRead(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        world.step("the grantee maps it writable, the granter empties the entry");
        Mapped first = grantee.call(at(world, ref));
        world.granter().entry(ref).set("flags", 0);
        world.step("the grantee maps it again, writable and read-only");
        MapCall call = MapCall.of(World.GRANTER, ref).at(grantee.slot(1));
        Mapped second = grantee.call(call);
        Expect.okay(second);
        Mapped third = grantee.call(call.at(grantee.slot(2)).readonly());
        Expect.okay(third);
        Expect.equal("flags", 0, world.granter().entry(ref).get("flags"));

        world.step("after the last unmap the entry counts again");
        unmap(grantee, first, 0);
        unmap(grantee, second, 1);
        unmap(grantee, third, 2);
        refused(world, Status.GENERAL_ERROR, at(world, ref));
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "REQ-11",
            promise = "A page table may be granted: mapped read-only, and refused with -1 and undone where writable.",
            source = "xen-semantics.md, 3.6, 3.7")
    void pageTableGranted(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long entry = granter.domain().addressSpace().entryAddress(granter.page(0));
        long table = Page.frame(entry);
        long references = world.machine().frames().references(table);
        world.step("the granter grants its L1 table");
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, table, Page.ORDER_4K, READ_WRITE);
        long ref = world.table().reference(World.FIRST_INDEX);
        refused(world, Status.GENERAL_ERROR, at(world, ref));
        Expect.equal(
                "references on the table", references, world.machine().frames().references(table));
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("the grantee maps it read-only and reads the entry of p0");
        Expect.okay(grantee.call(at(world, ref).readonly()));
        Sight.readOnly(
                grantee,
                grantee.slot(0) + Page.offset(entry),
                world.machine().memory().load64(entry));
        refused(world, Status.GENERAL_ERROR, MapCall.of(World.GRANTER, ref).at(grantee.slot(1)));
    }

    @Clause(
            id = "REQ-12",
            promise = "A frame of the granter's own table can be granted like any page of its own, even writable.",
            source = "xen-semantics.md, 3.6; xen-semantics.md, 12.16")
    void tableFrameGranted(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        long frame = granter.domain().tableFrames().sharedFrame(0);
        world.step("the granter grants its table's first frame");
        long named = granter.domain().addressSpace().nameOf(frame);
        world.table().grant(World.FIRST_INDEX + 1L, World.GRANTEE, named, Page.ORDER_4K, READ_WRITE);
        Mapped mapped = grantee.call(at(world, ref + 1));
        Expect.okay(mapped);
        Expect.equal("dev_bus_addr", Page.address(frame), mapped.deviceAddress());
        Sight.value(grantee, grantee.slot(0), world.machine().memory().load64(Page.address(frame)));
    }

    @Clause(
            id = "REQ-13",
            promise = "A map that fails keeps no handle: however many fail, the next good one succeeds.",
            source = "xen-semantics.md, 2.1 (details), 11.1 rule 5")
    void noHandleLost(World world) {
        String paging = world.combination().granteePaging().name();
        Party frugal = world.boot(DomainConfig.usual(4, paging).withGrantLimits(-1, 1, 2));
        world.grant(0, READ_WRITE);
        world.step("a domain that may have one frame of handles fails to map, more often than it has handles");
        for (int time = 0; time < 300; time++) {
            Expect.status(Status.BAD_GNTREF, frugal.call(MapCall.of(World.GRANTER, NO_REF)));
        }
        world.step("it is granted a page, and maps it");
        int index = World.FIRST_INDEX + 1;
        world.table().grant(index, frugal.domid(), world.granter().pageFrame(1), Page.ORDER_4K, READ_WRITE);
        long ref = world.table().reference(index);
        Expect.okay(frugal.call(MapCall.of(World.GRANTER, ref).at(frugal.slot(0))));
    }

    private static MapCall at(World world, long ref) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(0));
    }

    private static void refused(World world, int status, MapCall call) {
        Answered answer = world.grantee().call(call);
        Expect.status(status, answer);
    }

    private static void unmap(Party grantee, Mapped mapped, int slot) {
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(slot))));
    }
}
