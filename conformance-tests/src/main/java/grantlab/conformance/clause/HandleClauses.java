package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Maptrack handles: numbers that come in an order, and return. */
@Needs(format = "flat-home")
public final class HandleClauses implements ClauseFamily {
    private static final String ORDER = "xen-semantics.md, 3.8; 12.8";
    private static final int FRAME = 256;
    private static final int USES_OF_A_KIND = 128;
    private static final long BEYOND = 100_000;

    /** For ServiceLoader. */
    public HandleClauses() {}

    @Override
    public String prefix() {
        return "HANDLE";
    }

    @Override
    public String title() {
        return "Handles of mappings";
    }

    @Clause(id = "HANDLE-01", promise = "The first mappings of a domain get the handles 0, 1, 2.", source = ORDER)
    void fromZero(World world) {
        Party grantee = world.grantee();
        world.step("the grantee maps p0 three times");
        long ref = world.grant(0, Access.READ);
        for (int n = 0; n < 3; n++) {
            Expect.equal("handle", n, map(grantee, ref, n).handle());
        }
    }

    @Clause(
            id = "HANDLE-02",
            promise = "A handle that was given back is the last to be given out again: 256 pairs of map and unmap run"
                    + " through 0..255.",
            source = ORDER)
    void lastInLine(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        world.step("the grantee maps and unmaps 257 times");
        for (int n = 0; n <= FRAME; n++) {
            Mapped mapped = map(grantee, ref, 0);
            Expect.equal("handle of pair " + n, n % FRAME, mapped.handle());
            unmap(grantee, mapped.handle(), 0);
        }
    }

    @Clause(
            id = "HANDLE-03",
            promise = "Handles come back in the order in which they were freed, and the last of the list is never given"
                    + " out.",
            source = ORDER)
    void inOrderOfFreeing(World world) {
        Party grantee = Rebuilt.granteeWithHandleFrames(world, 1);
        List<Long> refs = fill(world, grantee, FRAME - 1);
        world.step("handles 7, 3 and 200 are freed");
        for (int handle : new int[] {7, 3, 200}) {
            unmap(grantee, handle, handle);
        }
        world.step("the grantee maps until there is none left");
        Expect.equal(
                "the one that never was used",
                255,
                map(grantee, refs.getFirst(), 7).handle());
        Expect.equal("freed first", 7, map(grantee, refs.getFirst(), 3).handle());
        Expect.equal("freed second", 3, map(grantee, refs.getLast(), 200).handle());
        Expect.status(Status.NO_SPACE, tryMap(grantee, refs.getLast(), 255));
    }

    @Clause(
            id = "HANDLE-04",
            promise = "One maptrack frame holds 255 mappings; the next gets GNTST_no_space, and one more after an unmap"
                    + " succeeds.",
            source = ORDER)
    void limit(World world) {
        Party grantee = Rebuilt.granteeWithHandleFrames(world, 1);
        List<Long> refs = fill(world, grantee, FRAME - 1);
        world.step("the table of handles is full");
        long references = world.references(1);
        Expect.status(Status.NO_SPACE, tryMap(grantee, refs.getLast(), 255));
        Expect.equal("references on p1", references, world.references(1));
        world.step("one goes, one comes");
        unmap(grantee, 0, 0);
        Expect.okay(tryMap(grantee, refs.getFirst(), 0));
        Expect.status(Status.NO_SPACE, tryMap(grantee, refs.getLast(), 255));
    }

    @Clause(
            id = "HANDLE-05",
            promise = "A map that fails after it got its handle puts it at the end of the line; one that fails before"
                    + " takes none.",
            source = "xen-semantics.md, 2.1 (failing maps rotate the free list)")
    void failingMapsRotate(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        Expect.equal("first handle", 0, map(grantee, ref, 0).handle());
        world.step("two maps fail at the reference");
        Expect.status(Status.BAD_GNTREF, tryMap(grantee, BEYOND, 1));
        Expect.status(Status.GENERAL_ERROR, tryMap(grantee, world.table().reference(World.FIRST_INDEX + 1), 1));
        world.step("two maps fail before");
        Expect.status(
                Status.BAD_GNTREF,
                grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(1)).flags(0)));
        Expect.status(Status.BAD_DOMAIN, grantee.call(MapCall.of(99, ref).at(grantee.slot(1))));
        Expect.equal("handle after two rotations", 3, map(grantee, ref, 1).handle());
    }

    @Clause(
            id = "HANDLE-06",
            promise = "Without a handle left the reference is not looked at; purpose and domain are.",
            source = "xen-semantics.md, 2.1 rows 1, 3, 5; 12.8")
    void precedence(World world) {
        Party grantee = Rebuilt.granteeWithHandleFrames(world, 0);
        long ref = world.grant(0, Access.READ);
        MapCall good = MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).readonly();
        world.step("a domain without handles maps");
        Expect.status(Status.NO_SPACE, grantee.call(good));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        Expect.status(Status.NO_SPACE, tryMap(grantee, BEYOND, 0));
        Expect.status(Status.BAD_DOMAIN, grantee.call(MapCall.of(99, ref).at(grantee.slot(0))));
        Expect.status(Status.BAD_GNTREF, grantee.call(good.flags(Gntmap.READONLY)));
        Expect.status(Status.BAD_HANDLE, grantee.call(UnmapCall.of(0).at(grantee.slot(0))));
    }

    @Clause(
            id = "HANDLE-07",
            promise = "Handles are the mapping domain's own: the same number means nothing to another domain.",
            source = "xen-semantics.md, 3.8")
    void ownNumbers(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        world.step("the grantee maps, others try to unmap");
        Mapped mapped = map(grantee, ref, 0);
        for (Party other : List.of(world.third(), world.granter())) {
            Expect.status(
                    Status.BAD_HANDLE, other.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
        }
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
        unmap(grantee, mapped.handle(), 0);
        Expect.status(
                Status.BAD_HANDLE, grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
    }

    @Clause(
            id = "HANDLE-08",
            promise = "A second maptrack frame brings the handles from 256 on, before the last of the first is used.",
            source = ORDER)
    void secondFrame(World world) {
        Party grantee = Rebuilt.granteeWithHandleFrames(world, 2);
        List<Long> refs = fill(world, grantee, FRAME - 1);
        world.step("the next mappings need a second frame");
        Expect.equal("handle", FRAME, map(grantee, refs.getLast(), 255).handle());
        Expect.equal("handle", FRAME + 1, map(grantee, grantTo(world, 2), 256).handle());
    }

    @Clause(
            id = "HANDLE-09",
            promise = "Each CPU has handles of its own: a second one brings a frame, and any CPU may unmap.",
            source = ORDER)
    void perCpu(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2));
        Cpu second = new Cpu(Rebuilt.secondCpu(world, grantee), grantee.page(60));
        long ref = world.grant(0, Access.READ);
        Expect.equal("first CPU", 0, map(grantee, ref, 0).handle());
        world.step("the second CPU maps");
        Mapped mapped = second.call(call(grantee, ref, 1));
        Expect.okay(mapped);
        Expect.equal("second CPU", FRAME, mapped.handle());
        world.step("the first CPU unmaps it");
        unmap(grantee, mapped.handle(), 1);
        Expect.equal("first CPU", 1, map(grantee, ref, 1).handle());
        Expect.equal("second CPU", FRAME + 1, second.call(call(grantee, ref, 2)).handle());
    }

    @Clause(
            id = "HANDLE-10",
            promise =
                    "A CPU that has no list and may bring no frame takes two handles of another's: one to keep, one to"
                            + " use.",
            source = "xen-semantics.md, 3.8; xen/common/grant_table.c, get_maptrack_handle")
    void stealing(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2).withGrantLimits(-1, 1, 2));
        Cpu second = new Cpu(Rebuilt.secondCpu(world, grantee), grantee.page(60));
        long ref = world.grant(0, Access.READ);
        Expect.equal("first CPU", 0, map(grantee, ref, 0).handle());
        world.step("the second CPU maps");
        Expect.equal("second CPU", 2, second.call(call(grantee, ref, 1)).handle());
        Expect.equal("first CPU", 3, map(grantee, ref, 2).handle());
        Expect.equal("second CPU", 4, second.call(call(grantee, ref, 3)).handle());
    }

    @Clause(
            id = "HANDLE-11",
            promise = "However many maps fail, no handle is lost by it.",
            source = "xen-semantics.md, 2.1 (failure returns the handle to the tail of the free list)")
    void noHandleLost(World world) {
        Party grantee = Rebuilt.granteeWithHandleFrames(world, 1);
        long ref = world.grant(0, Access.READ);
        world.step("600 maps fail, at the reference, at the right, at the address");
        for (int n = 0; n < 600; n += 3) {
            Expect.status(Status.BAD_GNTREF, tryMap(grantee, BEYOND, 0));
            Expect.status(
                    Status.GENERAL_ERROR,
                    grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0))));
            Expect.status(
                    Status.GENERAL_ERROR,
                    grantee.call(MapCall.of(World.GRANTER, ref).at(1L << 50).readonly()));
        }
        Expect.equal("handle", 600 % FRAME, map(grantee, ref, 0).handle());
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "HANDLE-12",
            promise = "CPUs that share too few handles never hold the same one.",
            source = "xen-semantics.md, 3.8; 8.1 row 14 (XSA-228)")
    void fewHandles(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2).withGrantLimits(-1, 1, 2));
        Cpu[] cpus = Traffic.cpus(world, grantee);
        long[] refs = {world.grant(0, Access.READ), world.grant(1, Access.READ)};
        AtomicIntegerArray held = new AtomicIntegerArray(256);
        Race.run(
                () -> Traffic.takeAndGive(cpus[0], refs[0], grantee.slot(0), held),
                () -> Traffic.takeAndGive(cpus[1], refs[1], grantee.slot(0) + Page.address(130), held));
        Expect.holds("the first entry can be ended", world.table().end(World.FIRST_INDEX));
        Expect.holds("the second entry can be ended", world.table().end(World.FIRST_INDEX + 1));
    }

    /** So many mappings of p0 and p1, in slots of the same number. */
    private static List<Long> fill(World world, Party grantee, int count) {
        List<Long> refs = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            if (n % USES_OF_A_KIND == 0) {
                refs.add(grantTo(world, n / USES_OF_A_KIND));
            }
            Expect.equal("handle", n, map(grantee, refs.getLast(), n).handle());
        }
        return refs;
    }

    private static long grantTo(World world, int page) {
        return world.grant(page, Access.READ);
    }

    private static Mapped map(Party grantee, long ref, int place) {
        Mapped mapped = tryMap(grantee, ref, place);
        Expect.okay(mapped);
        return mapped;
    }

    private static Mapped tryMap(Party grantee, long ref, int place) {
        return grantee.call(call(grantee, ref, place));
    }

    private static MapCall call(Party grantee, long ref, int place) {
        return MapCall.of(World.GRANTER, ref).at(address(grantee, place)).readonly();
    }

    private static void unmap(Party grantee, int handle, int place) {
        Expect.okay(grantee.call(UnmapCall.of(handle).at(address(grantee, place))));
    }

    /** The page table of the slots has room for more than 64. */
    private static long address(Party grantee, int place) {
        return grantee.slot(0) + Page.address(place);
    }
}
