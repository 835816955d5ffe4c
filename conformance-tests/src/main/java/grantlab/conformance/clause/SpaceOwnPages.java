package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.GUEST;
import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Grants in a guest-physical map: pages of the guest's own that move, memory that is mapped over, rights that are not compared. */
@Needs(grantee = "translated")
final class SpaceOwnPages {
    private static final String MAP = "AddressSpace.map; xen-semantics.md, 6.1 to 6.6; p2m_add_page";

    private static int unmapBlind(SpaceBench bench, long address, long newAddress, int gntmapFlags, long mfn) {
        return bench.space.unmap(address, newAddress, gntmapFlags, mfn, WRITE, bench.mapped);
    }

    @Clause(
            id = "SPACE-44",
            promise =
                    "A page of the guest's own that it maps through a grant moves: it is at the new place, and at once no longer at the old"
                            + " one; with its last place it is found nowhere, and stays allocated.",
            source = MAP)
    void moves(World world) {
        SpaceBench.on(world, bench -> {
            long own = bench.frame(0);
            bench.expectReads(bench.page(0), 0x1000);
            Expect.status("status", 0, bench.map(bench.slot(2), own, WRITE));
            bench.expectNothing(bench.page(0));
            bench.put(bench.page(0), 5);
            bench.expectReads(bench.slot(2), 0x1000);
            bench.expectHeld(own, 2, 1);
            Expect.equal("name", -1, bench.space.nameOf(own));
            long flushes = bench.space.flushes();
            Expect.status("status", 0, bench.map(bench.slot(3), own, READ));
            Expect.equal("flushes for a page that leaves no place", flushes, bench.space.flushes());
            bench.expectReads(bench.slot(2), 0x1000);
            bench.expectReads(bench.slot(3), 0x1000);
            Expect.status("status", 0, bench.unmap(bench.slot(2), own, WRITE));
            bench.expectReads(bench.slot(3), 0x1000);
            Expect.status("status", 0, bench.unmap(bench.slot(3), own, READ));
            bench.expectNothing(bench.page(0));
            Expect.equal("owner", GUEST, bench.frames.owner(own));
            bench.expectHeld(own, 1, 0);
        });
    }

    @Clause(
            id = "SPACE-45",
            promise =
                    "Mapped onto itself a page of the guest's own becomes a grant where it is; unmapped it is found nowhere.",
            source = MAP)
    void ontoItself(World world) {
        SpaceBench.on(world, bench -> {
            Expect.status("status", 0, bench.map(bench.page(2), bench.frame(2), WRITE));
            Expect.equal("displaced", bench.frame(2), bench.mapped.displacedMfn);
            bench.expectReads(bench.page(2), 0x1200);
            Expect.equal("name", -1, bench.space.nameOf(bench.frame(2)));
            Expect.status("status", 0, bench.unmap(bench.page(2), bench.frame(2), WRITE));
            bench.expectNothing(bench.page(2));
        });
    }

    @Clause(
            id = "SPACE-46",
            promise =
                    "A place beyond the map is found last: a page of the guest's own has lost its old place by then, at once; the frame of"
                            + " another keeps what it had.",
            source = MAP)
    void beyond(World world) {
        SpaceBench.on(world, bench -> {
            bench.expectReads(bench.page(0), 0x1000);
            long beyond = Page.address(bench.map.limit());
            Expect.status("status", Status.GENERAL_ERROR, bench.map(beyond, bench.frame(0), WRITE));
            bench.expectNothing(bench.page(0));
            bench.expectHeld(bench.frame(0), 1, 0);
            long granted = bench.granted(UNTYPED, 1);
            Expect.status("the last place", 0, bench.map(beyond - Page.SIZE, granted, WRITE));
            Expect.status("status", 0, bench.unmap(beyond - Page.SIZE, granted, WRITE));
            Expect.status("the first place", 0, bench.map(0, granted, WRITE));
            Expect.status("status", 0, bench.unmap(0, granted, WRITE));
            bench.expectHeld(granted, 1, 0);
        });
    }

    @Clause(
            id = "SPACE-47",
            promise =
                    "What is mapped over a grant, of v3 or not, or over a foreign frame crashes its caller and changes nothing, at the old"
                            + " place of an own page neither.",
            source = MAP)
    void crashes(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            long other = bench.granted(TYPED, 0x30000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, READ));
            Expect.status("status", 0, bench.mapBeside(bench.slot(1), flags(READ), granted, 0, READ));
            Expect.equal("error of mapForeign", 0, bench.mapForeign(bench.slot(2), granted, WRITE));
            for (int slot = 0; slot < 3; slot++) {
                long place = bench.slot(slot);
                Expect.status("map", Status.CRASH_CALLER, bench.map(place, other, WRITE));
                Expect.status("map", Status.CRASH_CALLER, bench.map(place, granted, READ));
                Expect.status("map", Status.CRASH_CALLER, bench.map(place, bench.frame(0), WRITE));
                Expect.status("mapBeside", Status.CRASH_CALLER, bench.mapBeside(place, flags(WRITE), other, 0, WRITE));
                bench.expectReads(place, 0x20000);
                bench.expectReads(bench.page(0), 0x1000);
            }
            bench.expectHeld(granted, 4, 0);
            bench.expectHeld(other, 1, 0);
        });
    }

    @Clause(
            id = "SPACE-48",
            promise =
                    "What the machine-to-physical table says of an own page counts where the map says it too: elsewhere nothing is taken"
                            + " away.",
            source = MAP)
    void tableThatIsBehind(World world) {
        SpaceBench.on(world, bench -> {
            long own = bench.frame(0);
            long granted = bench.granted(UNTYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(5), granted, WRITE));
            for (long said : new long[] {bench.slot(4), bench.page(3), bench.slot(5), bench.slot(2)}) {
                bench.frames.setMachineToPhysical(own, Page.frame(said));
                long flushes = bench.space.flushes();
                Expect.status("status", 0, bench.map(bench.slot(2), own, WRITE));
                Expect.equal("flushes for a page that leaves no place", flushes, bench.space.flushes());
                bench.expectReads(bench.slot(2), 0x1000);
                bench.expectReads(bench.page(0), 0x1000);
                bench.expectReads(bench.page(3), 0x1300);
                bench.expectReads(bench.slot(5), 0x20000);
                Expect.status("status", 0, bench.unmap(bench.slot(2), own, WRITE));
            }
        });
    }

    @Clause(
            id = "SPACE-49",
            promise =
                    "Memory of the guest's that is mapped over is displaced at once: nobody finds it any more, and it stays allocated.",
            source = MAP)
    void mappedOver(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            for (int page = 1; page < 3; page++) {
                long own = bench.frame(page);
                bench.read(bench.page(page));
                int status = page == 1
                        ? bench.map(bench.page(page), granted, READ)
                        : bench.mapBeside(bench.page(page), flags(READ), granted, 0, READ);
                Expect.status("status", 0, status);
                Expect.equal("displaced", own, bench.mapped.displacedMfn);
                bench.expectReads(bench.page(page), 0x20000);
                Expect.equal("name", -1, bench.space.nameOf(own));
                Expect.equal("owner", GUEST, bench.frames.owner(own));
                bench.expectHeld(own, 1, 0);
            }
        });
    }

    @Clause(
            id = "SPACE-50",
            promise =
                    "Memory that is populated while a grant comes is displaced as if it had been there before: told, found nowhere, and"
                            + " forgotten.",
            source = MAP)
    void populatedMeanwhile(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            long own = bench.frames.allocate(GUEST, Page.ORDER_4K);
            long gfn = Page.frame(bench.slot(0));
            bench.hooks.before("set", gfn, () -> {
                bench.map.populate(gfn, own);
                bench.expectReads(bench.slot(0), 0);
            });
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.equal("displaced", own, bench.mapped.displacedMfn);
            Expect.equal("name", -1, bench.space.nameOf(own));
            bench.expectReads(bench.slot(0), 0x20000);
        });
    }

    @Clause(
            id = "SPACE-51",
            promise =
                    "Unmap does not compare the right: two handles of one frame, of both rights, take each other's place, and the type uses"
                            + " come out even.",
            source = "AddressSpace.unmap; recording rand_pvh2_002, line 368")
    void rightsAreNotCompared(World world) {
        SpaceBench.on(world, bench -> {
            for (int owner : new int[] {TYPED, UNTYPED}) {
                long granted = bench.granted(owner, 1);
                long uses = owner == TYPED ? 1 : 0;
                Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
                Expect.status("status", 0, bench.map(bench.slot(1), granted, READ));
                bench.expectHeld(granted, 3, uses);
                Expect.status("status", 0, bench.unmap(bench.slot(1), granted, WRITE));
                bench.expectHeld(granted, 2, uses);
                Expect.status("status", 0, bench.unmap(bench.slot(0), granted, READ));
                bench.expectHeld(granted, 1, 0);
            }
            Expect.status("status", 0, bench.map(bench.slot(0), bench.frame(0), WRITE));
            Expect.status("status", 0, bench.unmap(bench.slot(0), bench.frame(0), READ));
            bench.expectHeld(bench.frame(0), 1, 0);
        });
    }

    @Clause(
            id = "SPACE-52",
            promise = "The handle of a writer cannot take the place of a reader of what has become a page table.",
            source = "AddressSpace.unmap; FrameTable.getType")
    void readersPlaceOfATable(World world) {
        SpaceBench.on(world, bench -> {
            long table = bench.granted(TYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(1), table, READ));
            Expect.holds("it becomes a table", bench.frames.getType(table, FrameTable.TYPE_L1));
            Expect.status(
                    "as a writer", Status.GENERAL_ERROR, unmapBlind(bench, bench.slot(1), 0, flags(WRITE), table));
            bench.expectReads(bench.slot(1), 0x20000);
            bench.expectHeld(table, 2, 1);
            Expect.status("as a reader", 0, bench.unmap(bench.slot(1), table, READ));
            bench.frames.putType(table);
        });
    }

    @Clause(
            id = "SPACE-53",
            promise =
                    "A mapping is a host mapping, to be read alone or not, and nothing else; unmap names no entry and puts nothing in its"
                            + " place.",
            source = "AddressSpace.map, AddressSpace.unmap; create_grant_p2m_mapping")
    void otherFlags(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            for (int bad : new int[] {0, Gntmap.READONLY, 3, 7, 10, 18, 34, 0x1_0002, 0x8000_0002}) {
                Expect.status("map", Status.GENERAL_ERROR, bench.map(bench.slot(0), bad, granted, 0, WRITE));
                Expect.status(
                        "mapBeside", Status.GENERAL_ERROR, bench.mapBeside(bench.slot(0), bad, granted, 0, WRITE));
                Expect.equal(
                        "mapBeside of several",
                        0,
                        bench.space.mapBeside(
                                bench.slot(0), bad, new long[] {granted}, 1, WRITE, bench.mapped, new long[1]));
            }
            bench.expectNothing(bench.slot(0));
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.status(
                    "unmap and replace",
                    Status.GENERAL_ERROR,
                    unmapBlind(bench, bench.slot(0), bench.slot(1), flags(WRITE), granted));
            Expect.status(
                    "unmap of an entry",
                    Status.GENERAL_ERROR,
                    unmapBlind(bench, bench.slot(0), 0, Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE, granted));
            Expect.status(
                    "unmap of memory",
                    Status.GENERAL_ERROR,
                    unmapBlind(bench, bench.page(0), 0, flags(WRITE), bench.frame(0)));
            Expect.status(
                    "remove of memory",
                    Status.GONE,
                    bench.space.remove(Page.frame(bench.page(0)), 0, bench.frame(0), bench.mapped));
            Expect.equal("memory is no place of a grant", -1, bench.space.findNext(bench.frame(0), 0));
            bench.expectReads(bench.slot(0), 0x20000);
        });
    }

    @Clause(
            id = "SPACE-54",
            promise =
                    "A page of the guest's own that grants v3 map stands at both places; the guest cannot give the new number back, and"
                            + " remove empties it.",
            source = "AddressSpace.mapBeside")
    void ownPageBeside(World world) {
        SpaceBench.on(world, bench -> {
            long own = bench.frame(0);
            long gfn = Page.frame(bench.slot(0));
            Expect.status("status", 0, bench.mapBeside(bench.slot(0), flags(WRITE), own, 0, WRITE));
            bench.put(bench.slot(0), 5);
            bench.expectReads(bench.page(0), 5);
            Expect.equal("name", Page.frame(bench.page(0)), bench.space.nameOf(own));
            Expect.holds("it cannot be given back", bench.map.decrease(gfn, new PhysicalMap.Removed()) < 0);
            Expect.holds("it cannot be taken out of the map", bench.map.remove(gfn) < 0);
            Expect.equal("found", gfn, bench.space.findNext(own, 0));
            Expect.equal("found", -1, bench.space.findNext(own, gfn + 1));
            Expect.status("status", 0, bench.remove(gfn, 0, own, WRITE));
            bench.expectNothing(bench.slot(0));
            bench.expectReads(bench.page(0), 5);
        });
    }

    @Clause(
            id = "SPACE-55",
            promise =
                    "A place holds what stands there now: after replace the new frame with its right, which the death of the domain drops.",
            source = "AddressSpace, References")
    void droppedAsItStands(World world) {
        SpaceBench.on(world, bench -> {
            long typed = bench.granted(TYPED, 1);
            Expect.status("status", 0, bench.map(bench.slot(0), typed, WRITE));
            long place = bench.mapped.place;
            Expect.status("status", 0, bench.replace(place, 0, typed, WRITE, typed, READ));
            bench.expectHeld(typed, 2, 0);
            Expect.status("status", 0, bench.mapBeside(bench.slot(1), flags(WRITE), typed, 0, WRITE));
            Expect.status("status", 0, bench.replace(bench.mapped.place, 0, typed, WRITE, bench.frame(0), WRITE));
            bench.expectHeld(typed, 2, 0);
            bench.expectHeld(bench.frame(0), 2, 1);
        });
    }
}
