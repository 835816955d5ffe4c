package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.BothTables;
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

/** Mappings in a guest-physical map: what their place held before, and what it holds afterwards. */
@Needs(format = "flat-home", grantee = "translated")
public final class GfnClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int NO_DOMAIN = 9;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long REPLY = 0x7265_706c_7921_2121L;

    /** For ServiceLoader. */
    public GfnClauses() {}

    @Override
    public String prefix() {
        return "GFN";
    }

    @Override
    public String title() {
        return "Mappings in the guest-physical map";
    }

    @Clause(
            id = "GFN-01",
            promise = "A map onto memory hides it for good: the memory stays the guest's, and unmap leaves a hole.",
            source = "xen-semantics.md, 6.2; xen-semantics.md, 12.16")
    void ontoMemory(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        grantee.store(grantee.page(12), REPLY);
        long hidden = grantee.machineFrame(12);
        long pages = world.machine().frames().pages(World.GRANTEE);
        world.step("the grantee maps at p12, and unmaps");
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.page(12)));
        Expect.okay(mapped);
        Sight.value(grantee, grantee.page(12), GREETING);
        Expect.equal("pages of the grantee", pages, world.machine().frames().pages(World.GRANTEE));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.page(12))));
        Sight.nothing(grantee, grantee.page(12));
        Expect.equal("pages of the grantee", pages, world.machine().frames().pages(World.GRANTEE));
        Expect.equal(
                "references on the page that p12 was",
                1,
                world.machine().frames().references(hidden));
        Expect.equal(
                "what the machine-to-physical table says of it",
                -1,
                world.machine().frames().machineToPhysical(hidden));
        Expect.equal("frame behind p12", PhysicalMap.INVALID, grantee.machineFrame(12));
        Expect.equal("what it holds", REPLY, world.machine().memory().load64(Page.address(hidden)));
    }

    @Clause(
            id = "GFN-02",
            promise = "A map onto a place that holds a grant crashes the caller, be it the same grant or another.",
            source = "xen-semantics.md, 6.2; recording pvh_overmap_v1")
    void ontoGrant(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        long other = world.grant(1, READ_WRITE);
        world.step("the grantee maps p0 at m0, and fails to map there: its mistake is found before the place is"
                + " looked at");
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
        Expect.okay(mapped);
        Expect.status(
                Status.GENERAL_ERROR,
                grantee.call(MapCall.of(World.GRANTER, other + 1).at(grantee.slot(0))));
        world.step("the grantee maps p1 at m0");
        Expect.crashed(grantee.call(MapCall.of(World.GRANTER, other).at(grantee.slot(0)))
                .rc());
        Expect.holdsNot("the grantee still runs", grantee.vcpu().running());
        Expect.equal("references on p1", world.references(2), world.references(1));
        Expect.holdsNot("the second entry is in use", world.table().inUse(World.FIRST_INDEX + 1));

        world.step("a third domain maps its grant twice at one place");
        Party third = world.third();
        world.table()
                .grant(World.FIRST_INDEX + 2, World.THIRD, world.granter().pageFrame(2), Page.ORDER_4K, READ_WRITE);
        MapCall call = MapCall.of(World.GRANTER, world.table().reference(World.FIRST_INDEX + 2))
                .at(third.slot(0));
        Expect.okay(third.call(call));
        Expect.crashed(third.call(call).rc());
    }

    @Clause(
            id = "GFN-03",
            promise = "Flags other than readonly are -1, after domain, reference and entry were looked at.",
            source = "xen-semantics.md, 1.5, 6.1, 11.2")
    void otherFlags(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        long references = world.references(0);
        world.step("the grantee maps with flags that mean nothing to it");
        for (int flag : new int[] {0x20, 0x40, 0x8000, 1 << 16, 1 << 31}) {
            int flags = Gntmap.HOST_MAP | flag;
            MapCall call = MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).flags(flags);
            Expect.status(Status.GENERAL_ERROR, grantee.call(call));
            Expect.status(Status.GENERAL_ERROR, grantee.call(call.readonly()));
            Expect.status(
                    Status.BAD_DOMAIN, grantee.call(MapCall.of(NO_DOMAIN, ref).flags(flags)));
            Expect.status(
                    Status.BAD_GNTREF,
                    grantee.call(MapCall.of(World.GRANTER, 99_999).flags(flags)));
            Expect.equal("references on p0", references, world.references(0));
            Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        }
        Sight.nothing(grantee, grantee.slot(0));
    }

    @BothTables
    @Clause(
            id = "GFN-04",
            promise = "A page got by a grant is not the guest's to give: it can be neither granted on nor copied by"
                    + " its frame.",
            source = "xen-semantics.md, 3.6, 6.4")
    void notOnesOwn(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        long ref = greet(world);
        Backend.of(world).map(ref, 0);
        long gfn = Page.frame(grantee.slot(0));
        world.step("the grantee grants m0 on to the third domain");
        grantee.entry(8).set("domid", World.THIRD).set("frame", gfn).set("flags", Gtf.PERMIT_ACCESS);
        MapCall call = MapCall.of(World.GRANTEE, 8).at(third.slot(1));
        Expect.status(Status.BAD_PAGE, third.call(call));
        Expect.status(Status.BAD_PAGE, third.call(call.readonly()));
        Expect.equal("flags and marks", 1, grantee.entry(8).flags());
        world.step("the grantee copies by the frame of m0");
        CopyCall.End own = CopyCall.own(grantee.pageFrame(0), 0);
        Expect.status(Status.BAD_PAGE, grantee.call(new CopyCall(CopyCall.own(gfn, 0), own, 8, 0)));
        Expect.status(Status.BAD_PAGE, grantee.call(new CopyCall(own, CopyCall.own(gfn, 0), 8, 0)));
        Sight.value(grantee, grantee.slot(0), GREETING);
    }

    @Clause(
            id = "GFN-05",
            promise = "A mapping at guest-physical address 0 exists, and only an address that is not 0 can undo it.",
            source = "xen-semantics.md, 2.2; xen-semantics.md, 12.11")
    void addressZero(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        long references = world.references(0);
        world.step("the grantee maps at address 0 and unmaps by it");
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref));
        Expect.okay(mapped);
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle())));
        Expect.equal("references on p0", references + 1, world.references(0));
        world.step("the grantee unmaps by address 8");
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(8)));
        Expect.equal("references on p0", references, world.references(0));
    }

    @Clause(
            id = "GFN-06",
            promise = "The place of a mapping has the type of its right, and leaves no trace in the"
                    + " machine-to-physical table.",
            source = "xen-semantics.md, 6.1, 6.3")
    void typeOfPlace(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        long named = world.machine().frames().machineToPhysical(world.granter().machineFrame(0));
        world.step("the grantee maps it writable at m0 and read-only at m1");
        Backend.of(world).map(ref, 0);
        Backend.of(world).map(ref, 1, Access.READ);
        PhysicalMap map = grantee.domain().physicalMap();
        long frame = world.granter().machineFrame(0);
        Expect.equal(
                "entry of m0",
                PhysicalMap.entry(frame, Page.ORDER_4K, PhysicalMap.GRANT_RW),
                map.entry(Page.frame(grantee.slot(0))));
        Expect.equal(
                "entry of m1",
                PhysicalMap.entry(frame, Page.ORDER_4K, PhysicalMap.GRANT_RO),
                map.entry(Page.frame(grantee.slot(1))));
        Expect.equal(
                "what the machine-to-physical table says",
                named,
                world.machine().frames().machineToPhysical(frame));
    }

    /** The granter writes its greeting and grants p0. */
    private static long greet(World world) {
        world.step("the granter writes p0 and grants it");
        world.granter().store(world.granter().page(0), GREETING);
        return world.grant(0, READ_WRITE);
    }
}
