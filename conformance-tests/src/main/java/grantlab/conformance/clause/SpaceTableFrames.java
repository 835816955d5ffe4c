package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.GUEST;
import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Frames of a grant table, and of other domains, in a guest-physical map. */
@Needs(grantee = "translated")
final class SpaceTableFrames {
    private static final String PLACE = "AddressSpace.placeTableFrame; xenmem_add_to_physmap_one";

    private static long table(SpaceBench bench, long content) {
        long table = bench.frames.allocateShared(GUEST);
        bench.memory.store64(Page.address(table), content);
        return table;
    }

    private static int place(SpaceBench bench, long address, long mfn) {
        return bench.space.placeTableFrame(Page.frame(address), mfn);
    }

    @Clause(
            id = "SPACE-56",
            promise =
                    "A table frame is at one place at most, and named by it; it leaves an earlier one at once, and gives way to another table"
                            + " frame.",
            source = PLACE)
    void onePlace(World world) {
        SpaceBench.on(world, bench -> {
            long table = table(bench, 0x4001);
            long other = table(bench, 0x5001);
            Expect.equal("name", -1, bench.space.nameOf(table));
            Expect.equal("error", 0, place(bench, bench.slot(0), table));
            bench.expectReads(bench.slot(0), 0x4001);
            bench.put(bench.slot(0), 0x4003);
            Expect.equal("name", Page.frame(bench.slot(0)), bench.space.nameOf(table));
            Expect.equal("error", 0, place(bench, bench.slot(1), table));
            bench.expectNothing(bench.slot(0));
            bench.expectReads(bench.slot(1), 0x4003);
            Expect.equal("error", 0, place(bench, bench.slot(1), table));
            bench.expectReads(bench.slot(1), 0x4003);
            Expect.equal("name", Page.frame(bench.slot(1)), bench.space.nameOf(table));
            Expect.equal("error", 0, place(bench, bench.slot(1), other));
            bench.expectReads(bench.slot(1), 0x5001);
            Expect.equal("name", -1, bench.space.nameOf(table));
            Expect.equal("name", Page.frame(bench.slot(1)), bench.space.nameOf(other));
            bench.expectHeld(table, 1, 0);
            bench.expectHeld(other, 1, 0);
        });
    }

    @Clause(
            id = "SPACE-57",
            promise =
                    "A table frame or a foreign frame over memory of the guest's frees that, once everybody has forgotten it; what something"
                            + " else holds survives that.",
            source = PLACE)
    void memoryIsFreed(World world) {
        SpaceBench.on(world, bench -> {
            long table = table(bench, 0x4001);
            long foreign = bench.granted(TYPED, 0x20000);
            bench.read(bench.page(2));
            bench.read(bench.page(3));
            int forgot = bench.devicesForgot();
            Expect.equal("error", 0, place(bench, bench.page(3), table));
            bench.expectReads(bench.page(3), 0x4001);
            Expect.holds("devices forgot", bench.devicesForgot() > forgot);
            Expect.equal("owner", FrameTable.NO_OWNER, bench.frames.owner(bench.frame(3)));
            Expect.equal("error of mapForeign", 0, bench.mapForeign(bench.page(2), foreign, WRITE));
            Expect.equal("owner", FrameTable.NO_OWNER, bench.frames.owner(bench.frame(2)));
            bench.expectReads(bench.page(2), 0x20000);
            Expect.holds("somebody holds it", bench.frames.get(bench.frame(1), 0, GUEST));
            Expect.equal("error", 0, place(bench, bench.page(1), table));
            Expect.equal("name", -1, bench.space.nameOf(bench.frame(1)));
            Expect.holdsNot("allocated", bench.frames.isAllocated(bench.frame(1)));
            bench.expectHeld(bench.frame(1), 1, 0);
            bench.frames.put(bench.frame(1), 0);
        });
    }

    @Clause(
            id = "SPACE-58",
            promise =
                    "Grants of others, places of grants v3 and foreign frames stay where a table frame or a foreign one is to go; a grant of"
                            + " the guest's own goes like memory.",
            source = PLACE)
    void whatStays(World world) {
        SpaceBench.on(world, bench -> {
            long table = table(bench, 0x4001);
            long granted = bench.granted(UNTYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.status("status", 0, bench.mapBeside(bench.slot(1), flags(READ), granted, 0, READ));
            Expect.status("status", 0, bench.mapBeside(bench.slot(2), flags(READ), bench.frame(0), 0, READ));
            Expect.equal("error of mapForeign", 0, bench.mapForeign(bench.slot(3), granted, WRITE));
            for (int slot = 0; slot < 4; slot++) {
                Expect.equal("error", -Errno.ENXIO, place(bench, bench.slot(slot), table));
                Expect.equal("error", -Errno.ENXIO, bench.mapForeign(bench.slot(slot), granted, WRITE));
                bench.expectReads(bench.slot(slot), slot == 2 ? 0x1000 : 0x20000);
            }
            Expect.equal("name", -1, bench.space.nameOf(table));
            Expect.status("status", 0, bench.map(bench.slot(4), bench.frame(1), WRITE));
            Expect.equal("error", 0, place(bench, bench.slot(4), table));
            bench.expectReads(bench.slot(4), 0x4001);
            Expect.holdsNot("allocated", bench.frames.isAllocated(bench.frame(1)));
            bench.drop(bench.frame(1), 0, WRITE);
        });
    }

    @Clause(
            id = "SPACE-59",
            promise =
                    "No number, a number beyond the map and a frame that the guest has given back are errors of their own, and hold nothing.",
            source = PLACE)
    void wrongFrames(World world) {
        SpaceBench.on(world, bench -> {
            long table = table(bench, 0x4001);
            long beyond = bench.map.limit();
            Expect.equal("no number", -Errno.EINVAL, bench.space.placeTableFrame(PhysicalMap.INVALID, table));
            Expect.equal("beyond the map", -Errno.ENOENT, bench.space.placeTableFrame(beyond, table));
            Expect.equal("name", -1, bench.space.nameOf(table));
            bench.expectHeld(table, 1, 0);
            long foreign = bench.granted(TYPED, 1);
            Expect.equal("beyond the map", -Errno.ENOENT, bench.mapForeign(Page.address(beyond), foreign, WRITE));
            bench.frames.get(table, 0, GUEST);
            bench.frames.releaseAllocation(table);
            bench.frames.put(table, 0);
            Expect.equal("given back", -Errno.EBUSY, place(bench, bench.slot(0), table));
            bench.expectNothing(bench.slot(0));
            bench.frames.freeShared(table);
        });
    }

    @Clause(
            id = "SPACE-60",
            promise = "A grant over a table frame takes its place and its name.",
            source = "AddressSpace.map; p2m_add_page")
    void mappedOver(World world) {
        SpaceBench.on(world, bench -> {
            long table = table(bench, 0x4001);
            long granted = bench.granted(UNTYPED, 0x20000);
            Expect.equal("error", 0, place(bench, bench.slot(1), table));
            bench.expectReads(bench.slot(1), 0x4001);
            Expect.status("status", 0, bench.map(bench.slot(1), granted, WRITE));
            Expect.equal("displaced", table, bench.mapped.displacedMfn);
            bench.expectReads(bench.slot(1), 0x20000);
            Expect.equal("name", -1, bench.space.nameOf(table));
        });
    }

    @Clause(
            id = "SPACE-61",
            promise =
                    "A table frame that is withdrawn leaves the map at once; one that is held by anything else, or is not where it should"
                            + " be, cannot go, and that crashes the caller.",
            source = "AddressSpace.withdrawTableFrame; gnttab_unpopulate_status_frames")
    void withdrawn(World world) {
        SpaceBench.on(world, bench -> {
            long table = table(bench, 0x4001);
            Expect.equal("from nowhere", 0, bench.space.withdrawTableFrame(table));
            Expect.equal("error", 0, place(bench, bench.slot(0), table));
            bench.read(bench.slot(0));
            Expect.equal("from its place", 0, bench.space.withdrawTableFrame(table));
            bench.expectNothing(bench.slot(0));
            Expect.equal("name", -1, bench.space.nameOf(table));
            Expect.holds("somebody holds it", bench.frames.get(table, 0, GUEST));
            Expect.equal("held", Status.CRASH_CALLER, bench.space.withdrawTableFrame(table));
            bench.frames.put(table, 0);
            for (long said : new long[] {bench.slot(5), bench.page(3)}) {
                bench.frames.setMachineToPhysical(table, Page.frame(said));
                Expect.equal("elsewhere", Status.CRASH_CALLER, bench.space.withdrawTableFrame(table));
                bench.expectReads(bench.page(3), 0x1300);
            }
            bench.frames.setMachineToPhysical(table, FrameTable.NONE);
        });
    }

    @Clause(
            id = "SPACE-62",
            promise =
                    "A foreign frame is read and written where it is mapped, holds its reference and no type, and cannot be mapped to be read"
                            + " alone.",
            source = "AddressSpace.mapForeign; p2m_add_foreign")
    void foreign(World world) {
        SpaceBench.on(world, bench -> {
            long foreign = bench.granted(TYPED, 0x20000);
            Expect.equal("to be read", -Errno.EOPNOTSUPP, bench.mapForeign(bench.slot(0), foreign, READ));
            bench.expectNothing(bench.slot(0));
            bench.mapped.orderGot = 1;
            bench.mapped.displacedMfn = 0;
            Expect.equal("error", 0, bench.mapForeign(bench.slot(0), foreign, WRITE));
            Expect.equal("place", Page.frame(bench.slot(0)), bench.mapped.place);
            Expect.equal("order", 0, bench.mapped.orderGot);
            Expect.equal("displaced", -1, bench.mapped.displacedMfn);
            bench.put(bench.slot(0), 4);
            Expect.equal("in the frame", 4, bench.memory.load64(Page.address(foreign)));
            bench.expectHeld(foreign, 2, 0);
            Expect.status(
                    "no grant", Status.GONE, bench.space.remove(Page.frame(bench.slot(0)), 0, foreign, bench.mapped));
            Expect.equal("no grant", -1, bench.space.findNext(foreign, 0));
            Expect.equal("the guest takes it out", 0, bench.map.remove(Page.frame(bench.slot(0))));
            bench.expectHeld(foreign, 1, 0);
            bench.space.flush();
            long far = 7L << 40;
            Expect.equal("error", 0, bench.mapForeign(far, foreign, WRITE));
            bench.expectReads(far, 4);
        });
    }
}
