package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.Version;

/** Memory above 16 TiB: frame numbers of more than 32 bits. */
@Needs(format = "flat-home")
public final class HighMemoryClauses implements ClauseFamily {
    private static final String LIMIT = "xen-semantics.md, 3.6 (v1 frames are 32 bit, 16 TiB; v2 frames 64 bit), 9";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long ABOVE_V1 = 1L << 32;
    private static final long GREETING = 0x6772_616e_746c_6162L;

    /** For ServiceLoader. */
    public HighMemoryClauses() {}

    @Override
    public String prefix() {
        return "HIGH";
    }

    @Override
    public String title() {
        return "Memory above 16 TiB";
    }

    @Needs(format = "frames-above-16-tib", granter = "typed-frames")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "HIGH-01",
            promise = "A PV guest's frame above 16 TiB is granted, mapped, copied and let go like any other.",
            source = LIMIT)
    void named(World world) {
        long high = highFrame(world, World.GRANTER);
        long ref = grantHigh(world, high);
        Mapped mapped = world.grantee().call(map(world, ref));
        Expect.okay(mapped);
        Expect.equal("dev_bus_addr", Page.address(high), mapped.deviceAddress());
        Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
        Expect.equal("references", 2, world.machine().frames().references(high));
        Through copies = Through.of(world, ref);
        Expect.okay(copies.out(0, 8));
        Sight.value(world.grantee(), world.grantee().page(Through.OUT), GREETING);
        world.grantee().store(world.grantee().page(Through.IN), 42);
        Expect.okay(copies.in(0, 8));
        Sight.value(world.grantee(), world.grantee().slot(0), 42);
        Expect.okay(world.grantee()
                .call(UnmapCall.of(mapped.handle()).at(world.grantee().slot(0))));
        Expect.equal("references", 1, world.machine().frames().references(high));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(granter = "typed-frames")
    @Lacks(format = "frames-above-16-tib")
    @Clause(
            id = "HIGH-02",
            promise =
                    "Where an entry has 32 bits for it such a frame cannot be named: a guest's kernel does not try, and"
                            + " the low half of the number is another frame, GNTST_bad_page.",
            source = LIMIT)
    void notNamed(World world) {
        long high = highFrame(world, World.GRANTER);
        Expect.holdsNot("the entry can name it", world.table().canName(high, Page.ORDER_4K));
        Expect.holds("it can name the last that fits", world.table().canName(ABOVE_V1 - 1, Page.ORDER_4K));
        world.granter()
                .entry(World.FIRST_INDEX)
                .set("domid", World.GRANTEE)
                .set("frame", high)
                .set("flags", Gtf.PERMIT_ACCESS);
        Expect.equal(
                "the frame in the entry",
                high - ABOVE_V1,
                world.granter().entry(World.FIRST_INDEX).get("frame"));
        Expect.status(Status.BAD_PAGE, world.grantee().call(map(world, World.FIRST_INDEX)));
        Through.of(world, World.FIRST_INDEX).refused(Status.BAD_PAGE);
        Expect.equal("references", 1, world.machine().frames().references(high));
    }

    @Needs(granter = "translated")
    @Clause(
            id = "HIGH-03",
            promise = "A guest that names frames by numbers of its own grants memory above 16 TiB in every version.",
            source = "xen-semantics.md, 3.6 (granter HVM: P2M lookup)")
    void ownNumbers(World world) {
        Party granter = world.granter();
        long high = highFrame(world, World.GRANTER);
        long gfn = Page.frame(granter.slot(9));
        granter.domain().physicalMap().populate(gfn, high);
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, gfn, Page.ORDER_4K, READ_WRITE);
        granter.store(granter.slot(9), 7);
        Mapped mapped = world.grantee().call(map(world, World.FIRST_INDEX));
        Expect.okay(mapped);
        Expect.equal("dev_bus_addr", Page.address(high), mapped.deviceAddress());
        Sight.value(world.grantee(), world.grantee().slot(0), 7);
        Expect.okay(Through.of(world, World.FIRST_INDEX).out(0, 8));
        Sight.value(world.grantee(), world.grantee().page(Through.OUT), 7);
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "HIGH-04",
            promise = "A guest whose own memory is above 16 TiB copies from there and to there.",
            source = "xen-semantics.md, 2.7.4, 3.6")
    void copiesFromHigh(World world) {
        Party grantee = world.grantee();
        long high = highFrame(world, World.GRANTEE);
        long gfn = Page.frame(grantee.slot(9));
        grantee.domain().physicalMap().populate(gfn, high);
        long ref = world.grant(0, READ_WRITE);
        grantee.store(grantee.slot(9), 8);
        int status = grantee.kernel().copyTo(World.GRANTER, ref, 0, grantee.slot(9), 8);
        Expect.status("status of the copy in", Status.OKAY, status);
        Sight.value(world.granter(), world.granter().page(0), 8);
        world.granter().store(world.granter().page(0), 9);
        status = grantee.kernel().copyFrom(World.GRANTER, ref, 0, grantee.slot(9), 8);
        Expect.status("status of the copy out", Status.OKAY, status);
        Sight.value(grantee, grantee.slot(9), 9);
    }

    @Needs(
            format = {"frames-above-16-tib", "layout-v2"},
            granter = "typed-frames")
    @Clause(
            id = "HIGH-05",
            promise = "While a reference from 0 to 7 names such a frame there is no way back to version 1: -ERANGE, and"
                    + " who has it mapped keeps it.",
            source = "xen-semantics.md, 2.9 row 6c")
    void noWayBack(World world) {
        Party granter = world.granter();
        long high = highFrame(world, World.GRANTER);
        EntriesV2.page(granter, 7, World.GRANTEE, 0).set("frame", high);
        Driver.Handle handle = Driver.hold(world.grantee(), map(world, 7));
        Expect.equal("set_version", new Version(-Errno.ERANGE, 2), granter.call(new SetVersionCall(1)));
        Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
        Expect.equal("frame", high, granter.entry(7).get("frame"));
        handle.letGo();
        EntriesV2.page(granter, 7, World.GRANTEE, 0);
        Expect.equal("set_version", new Version(0, 1), granter.call(new SetVersionCall(1)));
    }

    @Needs(
            format = {"frames-above-16-tib", "layout-v2", "sub-page"},
            granter = "typed-frames")
    @Clause(
            id = "HIGH-06",
            promise = "A part of such a frame is granted like any other.",
            source = "xen-semantics.md, 1.2 (sub page: frame of 64 bits)")
    void part(World world) {
        long high = highFrame(world, World.GRANTER);
        EntriesV2.part(world.granter(), 8, World.GRANTEE, 0, 0, 8).set("frame", high);
        Expect.okay(Through.of(world, 8).out(0, 8));
        Sight.value(world.grantee(), world.grantee().page(Through.OUT), GREETING);
        Expect.status(Status.GENERAL_ERROR, Through.of(world, 8).out(8, 8));
    }

    /** A frame above 16 TiB with the greeting in it. */
    private static long highFrame(World world, int owner) {
        world.step("d" + owner + " gets a frame above 16 TiB");
        long high = world.machine().frames().allocateFrom(owner, Page.ORDER_4K, ABOVE_V1);
        Expect.different("a frame", FrameTable.NONE, high);
        world.machine().memory().store64(Page.address(high), GREETING);
        return high;
    }

    private static long grantHigh(World world, long frame) {
        Expect.holds("the entry can name it", world.table().canName(frame, Page.ORDER_4K));
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, frame, Page.ORDER_4K, READ_WRITE);
        return world.table().reference(World.FIRST_INDEX);
    }

    private static MapCall map(World world, long ref) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(0));
    }
}
