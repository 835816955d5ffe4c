package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.MemoryReservation;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.AddToPhysmapCall;
import grantlab.conformance.call.FrameList;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.Version;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.ArrayList;
import java.util.List;

/** A machine without a free page, and lists of reservations of which not all is done. */
final class ScarceMemory {
    private static final int WANTED = 4;
    private static final int NEWCOMER = 4;

    /** One allocation: two to the order pages. */
    private record Taken(long frame, int order) {}

    private static List<Taken> takeAll(FrameTable frames, int domid) {
        List<Taken> taken = new ArrayList<>();
        for (int order : new int[] {Page.ORDER_2M, Page.ORDER_4K}) {
            long frame = frames.allocate(domid, order);
            while (frame != FrameTable.NONE) {
                taken.add(new Taken(frame, order));
                frame = frames.allocate(domid, order);
            }
        }
        return taken;
    }

    private static void giveBack(FrameTable frames, List<Taken> taken) {
        for (Taken each : taken) {
            for (long n = 0; n < 1L << each.order(); n++) {
                frames.releaseAllocation(each.frame() + n);
            }
        }
    }

    @Clause(
            id = "MEM-16",
            promise =
                    "On a machine without a free page no table grows, gets status frames or comes with a new domain, and no reservation"
                            + " either: each call says so and changes nothing; with memory again each succeeds.",
            source =
                    "xen/common/grant_table.c, gnttab_grow_table, gnttab_set_version; xen/common/memory.c, populate_physmap")
    void exhausted(World world) {
        Party caller = world.grantee();
        FrameTable frames = world.machine().frames();
        String paging = world.combination().granteePaging().name();
        int version = caller.call(new SetVersionCall(1)).version();
        Expect.equal("version", 1, version);
        int before = caller.call(QuerySizeCall.own()).frames();
        caller.store(caller.page(50), Page.frame(caller.slot(1)));
        long pages = frames.pages(World.GRANTEE);
        AddToPhysmapCall placing = AddToPhysmapCall.sharedFrame(WANTED, Page.frame(caller.slot(2)));
        List<Taken> taken = takeAll(frames, world.third().domid());
        FrameList setup = caller.call(SetupTableCall.own(WANTED));
        Expect.status(Status.GENERAL_ERROR, setup);
        Expect.rc(caller.translated() ? -Errno.EINVAL : -Errno.EACCES, caller.call(placing));
        Expect.equal("what set_version answers", new Version(-Errno.ENOMEM, 1), caller.call(new SetVersionCall(2)));
        Expect.rc(0, populate(caller, caller.page(50), 1));
        Expect.rc(-Errno.ENOMEM, world.machine().createDomain(DomainConfig.usual(NEWCOMER, paging)));
        Expect.equal(
                "frames of the table", before, caller.call(QuerySizeCall.own()).frames());
        Expect.equal("pages", pages, frames.pages(World.GRANTEE));
        giveBack(frames, taken);
        world.step("with memory again");
        Expect.rc(1, populate(caller, caller.page(50), 1));
        Expect.equal("pages", pages + 1, frames.pages(World.GRANTEE));
        Expect.okay(caller.call(SetupTableCall.own(WANTED)));
        Expect.equal(
                "frames of the table",
                Math.max(before, WANTED),
                caller.call(QuerySizeCall.own()).frames());
        Expect.rc(caller.translated() ? 0 : -Errno.EACCES, caller.call(placing));
        Expect.rc(0, world.machine().createDomain(DomainConfig.usual(NEWCOMER, paging)));
        Expect.rc(0, world.machine().destroyDomain(NEWCOMER));
    }

    private static long populate(Party caller, long list, long extents) {
        long argument = caller.arguments();
        caller.store(argument + MemoryReservation.EXTENT_START, list);
        caller.store(argument + MemoryReservation.NR_EXTENTS, extents);
        caller.store(argument + MemoryReservation.EXTENT_ORDER, 0);
        caller.store(argument + MemoryReservation.DOMID, Domid.SELF);
        return caller.hypercall(Hypercall.MEMORY_OP, MemoryOp.POPULATE_PHYSMAP, argument, 0);
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "MEM-17",
            promise =
                    "A list is populated number by number, number 0 too; where one holds a mapping Xen crashes the caller, and what comes"
                            + " behind it is not done.",
            source =
                    "xen/common/memory.c, populate_physmap; recording questions_pvh_v1 (populate onto a grant mapping)")
    void populatedUpTo(World world) {
        Party caller = world.grantee();
        FrameTable frames = world.machine().frames();
        long list = caller.page(50);
        long pages = frames.pages(World.GRANTEE);
        caller.store(list, Page.frame(caller.slot(1)));
        caller.store(list + Long.BYTES, 0);
        caller.store(list + 2 * Long.BYTES, Page.frame(caller.slot(2)));
        Expect.rc(3, populate(caller, list, 3));
        Expect.equal("pages", pages + 3, frames.pages(World.GRANTEE));
        caller.store(caller.slot(2), 42);
        Expect.equal("what is there", 42L, caller.load(caller.slot(2)));
        new Driver(caller).map(world.grant(0, Access.READ), 3, Access.READ);
        for (int n = 0; n < 3; n++) {
            caller.store(list + (long) n * Long.BYTES, Page.frame(caller.slot(n == 1 ? 3 : 4 + n)));
        }
        Expect.crashed(populate(caller, list, 3));
        Expect.equal("pages", pages + 5, frames.pages(World.GRANTEE));
    }
}
