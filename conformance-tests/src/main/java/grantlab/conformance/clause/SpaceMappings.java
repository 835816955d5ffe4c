package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;

/** Mappings of single pages: map, unmap, replace, remove, search, and what a place holds. */
final class SpaceMappings {
    /** A run of places that begins and ends inside of any round number of them. */
    private static final int RUN = 21;

    private static final int START = 3;

    @Clause(
            id = "SPACE-26",
            promise =
                    "A mapping stands at the place that map tells, has order 0, displaces nothing where nothing stood, and takes over the"
                            + " references of its caller; low bits of the address do not count.",
            source = "AddressSpace.map")
    void stands(World world) {
        SpaceBench.on(world, bench -> {
            for (int owner : new int[] {TYPED, UNTYPED}) {
                long granted = bench.granted(owner, 0x20000);
                long uses = owner == TYPED ? 1 : 0;
                for (long low : new long[] {0, 8, 0xff8}) {
                    bench.mapped.displacedMfn = 0;
                    bench.mapped.orderGot = 1;
                    Expect.status("status", 0, bench.map(bench.slot(0) + low, granted, WRITE));
                    Expect.equal("displaced", FrameTable.NONE, bench.mapped.displacedMfn);
                    Expect.equal("order", 0, bench.mapped.orderGot);
                    long place = bench.mapped.place;
                    Expect.equal("the place", place, bench.space.findNext(granted, 0));
                    bench.expectHeld(granted, 2, uses);
                    bench.mapped.place = 0;
                    Expect.status("status", 0, bench.unmap(bench.slot(0) + low, granted, WRITE));
                    Expect.equal("place of unmap", place, bench.mapped.place);
                    bench.expectHeld(granted, 1, 0);
                    Expect.equal("found", -1, bench.space.findNext(granted, 0));
                }
                Expect.status("status", 0, bench.map(bench.slot(0), granted, READ));
                bench.expectHeld(granted, 2, 0);
                Expect.status("status", 0, bench.unmap(bench.slot(0), granted, READ));
            }
        });
    }

    @Clause(
            id = "SPACE-27",
            promise =
                    "Unmap takes out what its caller names: another frame, a place where nothing stands and a page that is no grant are"
                            + " errors that change nothing, and what is out cannot be taken out again.",
            source = "AddressSpace.unmap")
    void believesNothing(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            long other = bench.granted(UNTYPED, 0x30000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.status("another frame", Status.GENERAL_ERROR, unmap(bench, bench.slot(0), other));
            Expect.status("nothing there", Status.GENERAL_ERROR, unmap(bench, bench.slot(1), granted));
            Expect.status("beyond it all", Status.GENERAL_ERROR, unmap(bench, 1L << 60, granted));
            bench.expectReads(bench.slot(0), 0x20000);
            Expect.status("status", 0, bench.unmap(bench.slot(0), granted, WRITE));
            Expect.status("once more", Status.GENERAL_ERROR, unmap(bench, bench.slot(0), granted));
        });
    }

    private static int unmap(SpaceBench bench, long address, long mfn) {
        return bench.space.unmap(address, 0, flags(WRITE), mfn, WRITE, bench.mapped);
    }

    @Clause(
            id = "SPACE-28",
            promise =
                    "Replace puts another frame or another right where the frame is that is named, tells the right that was there, and hands"
                            + " over the references; elsewhere the mapping is gone.",
            source = "AddressSpace.replace")
    void replaced(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            long dummy = bench.granted(TYPED, 0x30000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            long place = bench.mapped.place;
            Expect.status("another frame", Status.GONE, bench.replace(place, 0, dummy, 0, granted, READ));
            Expect.status("another order", Status.GONE, bench.space.replace(place, 9, granted, 0, READ, bench.mapped));
            bench.put(bench.slot(0), 0x20001);
            bench.mapped.access = 0;
            Expect.status("status", 0, bench.replace(place, 0, granted, WRITE, dummy, READ));
            Expect.equal("right that was there", WRITE, bench.mapped.access);
            bench.expectHeld(granted, 1, 0);
            bench.expectHeld(dummy, 2, 0);
            bench.expectReads(bench.slot(0), 0x30000);
            bench.store(bench.slot(0), 8, 1);
            bench.expectReads(bench.slot(0), 0x30000);
            Expect.status("status", 0, bench.replace(place, 0, dummy, READ, dummy, WRITE));
            Expect.equal("right that was there", READ, bench.mapped.access);
            bench.put(bench.slot(0), 5);
            bench.expectHeld(dummy, 2, 1);
            Expect.status("the old frame", Status.GONE, bench.space.remove(place, 0, granted, bench.mapped));
            Expect.status("status", 0, bench.remove(place, 0, dummy, WRITE));
            Expect.equal("right that was there", WRITE, bench.mapped.access);
            Expect.status("gone", Status.GONE, bench.replace(place, 0, dummy, 0, granted, READ));
        });
    }

    @Clause(
            id = "SPACE-29",
            promise =
                    "Remove empties the place of the frame that is named and tells the right; another frame, another order and a place where"
                            + " nothing stands are gone.",
            source = "AddressSpace.remove")
    void removed(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            for (int access : new int[] {READ, WRITE}) {
                Expect.status("status", 0, bench.map(bench.slot(0), granted, access));
                long place = bench.mapped.place;
                Expect.status("another frame", Status.GONE, bench.space.remove(place, 0, granted + 1, bench.mapped));
                Expect.status("another order", Status.GONE, bench.space.remove(place, 9, granted, bench.mapped));
                bench.expectReads(bench.slot(0), 0x20000);
                bench.mapped.access = 0;
                Expect.status("status", 0, bench.remove(place, 0, granted, access));
                Expect.equal("right that was there", access, bench.mapped.access);
                bench.expectNothing(bench.slot(0));
                bench.expectHeld(granted, 1, 0);
                Expect.status("gone", Status.GONE, bench.space.remove(place, 0, granted, bench.mapped));
            }
        });
    }

    @Clause(
            id = "SPACE-30",
            promise =
                    "A mapping of grants v3 stands and reads as any other, and goes by remove alone, after replace too: unmap finds none"
                            + " there.",
            source = "AddressSpace.mapBeside")
    void besides(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            for (int access : new int[] {READ, WRITE}) {
                int other = READ + WRITE - access;
                bench.mapped.displacedMfn = 0;
                Expect.status("status", 0, bench.mapBeside(bench.slot(0), flags(access), granted, 0, access));
                Expect.equal("displaced", FrameTable.NONE, bench.mapped.displacedMfn);
                long place = bench.mapped.place;
                bench.expectHeld(granted, 2, access == WRITE ? 1 : 0);
                bench.expectReads(bench.slot(0), 0x20000);
                for (int right : new int[] {READ, WRITE}) {
                    Expect.status("unmap", Status.GENERAL_ERROR, unmap(bench, bench.slot(0), granted, right));
                }
                Expect.status("status", 0, bench.replace(place, 0, granted, access, granted, other));
                Expect.equal("right that was there", access, bench.mapped.access);
                for (int right : new int[] {READ, WRITE}) {
                    Expect.status("unmap", Status.GENERAL_ERROR, unmap(bench, bench.slot(0), granted, right));
                }
                bench.expectReads(bench.slot(0), 0x20000);
                Expect.status("status", 0, bench.remove(place, 0, granted, other));
                Expect.equal("right that was there", other, bench.mapped.access);
                bench.expectNothing(bench.slot(0));
            }
        });
    }

    private static int unmap(SpaceBench bench, long address, long mfn, int access) {
        return bench.space.unmap(address, 0, flags(access), mfn, access, bench.mapped);
    }

    @Clause(
            id = "SPACE-31",
            promise =
                    "Several frames are mapped at addresses a page apart, up to one that is refused, and no further; each stands where it is"
                            + " said.",
            source = "AddressSpace.mapBeside of several")
    void several(World world) {
        SpaceBench.on(world, bench -> {
            long refused = bench.translated() ? START + 13 : -1;
            long other = bench.granted(UNTYPED, 0x20000);
            if (refused >= 0) {
                Expect.status("status", 0, bench.map(bench.slot((int) refused), other, READ));
            }
            int reached = refused >= 0 ? 13 : RUN;
            long[] mfns = frames(bench);
            long[] places = new long[RUN];
            int stand = bench.space.mapBeside(bench.slot(START), flags(WRITE), mfns, RUN, WRITE, bench.mapped, places);
            Expect.equal("how many stand", reached, stand);
            for (int n = 0; n < RUN; n++) {
                if (n < stand) {
                    Expect.equal("place of " + n, bench.space.findNext(mfns[n], 0), places[n]);
                    bench.expectReads(bench.slot(START + n), 0x40000 + n);
                    bench.put(bench.slot(START + n), n);
                } else {
                    Expect.equal("place of " + n, -1, bench.space.findNext(mfns[n], 0));
                    bench.drop(mfns[n], 0, WRITE);
                }
            }
            bench.expectNothing(bench.slot(START - 1));
            bench.expectNothing(bench.slot(START + RUN));
            Expect.equal(
                    "of none",
                    0,
                    bench.space.mapBeside(bench.slot(40), flags(WRITE), mfns, 0, WRITE, bench.mapped, places));
            bench.expectNothing(bench.slot(40));
        });
    }

    /** Of a run, each with something of its own in it, held for a writer. */
    private static long[] frames(SpaceBench bench) {
        long[] mfns = new long[RUN];
        for (int n = 0; n < RUN; n++) {
            mfns[n] = bench.pinned(bench.granted(UNTYPED, 0x40000 + n), 0, WRITE);
        }
        return mfns;
    }

    @Clause(
            id = "SPACE-32",
            promise =
                    "Several places are emptied where they still hold their frames, with the right of each, in any order, and no others;"
                            + " the rest is said to be gone.",
            source = "AddressSpace.remove of several")
    void severalRemoved(World world) {
        SpaceBench.on(world, bench -> {
            long[] mfns = frames(bench);
            long[] places = new long[RUN];
            int[] rights = new int[RUN];
            Expect.equal(
                    "how many stand",
                    RUN,
                    bench.space.mapBeside(bench.slot(START), flags(WRITE), mfns, RUN, WRITE, bench.mapped, places));
            Expect.status("status", 0, bench.remove(places[4], 0, mfns[4], WRITE));
            Expect.status("status", 0, bench.replace(places[9], 0, mfns[9], WRITE, mfns[9], READ));
            long[] mixed = places.clone();
            long[] named = mfns.clone();
            swap(mixed, 14, 16);
            swap(named, 14, 16);
            named[12] = mfns[4];
            bench.space.remove(mixed, named, 1, RUN - 1, bench.mapped, rights);
            bench.space.flush();
            for (int n = 0; n < RUN; n++) {
                boolean asked = n > 0 && n < RUN - 1;
                boolean there = asked && n != 4 && n != 12;
                int had = n == 9 ? READ : WRITE;
                Expect.equal("right of " + n, there ? had : 0, rights[n]);
                if (there) {
                    bench.drop(named[n], 0, had);
                    bench.expectNothing(bench.slot(START + n));
                } else if (n != 4) {
                    bench.expectReads(bench.slot(START + n), 0x40000 + n);
                }
            }
        });
    }

    private static void swap(long[] numbers, int a, int b) {
        long other = numbers[a];
        numbers[a] = numbers[b];
        numbers[b] = other;
    }

    @Clause(
            id = "SPACE-33",
            promise =
                    "The search finds every place of a frame, or of a frame of a block, in order, from a place on, that one included; frames"
                            + " beside the block and places that are empty by now it does not find.",
            source = "AddressSpace.findNext")
    void found(World world) {
        SpaceBench.on(world, bench -> {
            long block = bench.frames.allocate(UNTYPED, Page.ORDER_2M);
            long beside = bench.frames.allocate(UNTYPED, Page.ORDER_2M);
            long first = mapFrame(bench, 2, block + 7, READ);
            long second = mapFrame(bench, 5, block + 7, WRITE);
            long third = mapFrame(bench, 9, block + 511, READ);
            mapFrame(bench, 12, beside, READ);
            Expect.equal("from the beginning", first, bench.space.findNext(block + 7, 0));
            Expect.equal("from it", first, bench.space.findNext(block + 7, first));
            Expect.equal("behind it", second, bench.space.findNext(block + 7, first + 1));
            Expect.equal("behind the last", -1, bench.space.findNext(block + 7, second + 1));
            Expect.equal("of the block", first, bench.space.findNext(block, Page.ORDER_2M, 0));
            Expect.equal("of the block", second, bench.space.findNext(block, Page.ORDER_2M, first + 1));
            Expect.equal("of the block", third, bench.space.findNext(block, Page.ORDER_2M, second + 1));
            Expect.equal("of the block", -1, bench.space.findNext(block, Page.ORDER_2M, third + 1));
            Expect.equal("the frame before", -1, bench.space.findNext(block + 510, 0));
            Expect.status("status", 0, bench.unmap(bench.slot(2), block + 7, READ));
            Expect.equal("when it is gone", second, bench.space.findNext(block, Page.ORDER_2M, 0));
        });
    }

    private static long mapFrame(SpaceBench bench, int slot, long mfn, int access) {
        Expect.status("status", 0, bench.map(bench.slot(slot), mfn, access));
        return bench.mapped.place;
    }

    @Clause(
            id = "SPACE-34",
            promise =
                    "When the domain dies every place is emptied, those far from one another too, and what the places held is dropped; later"
                            + " the mappings are gone, and no access of the guest's finds anything.",
            source = "AddressSpace.dispose")
    void dies(World world) {
        SpaceBench.on(world, bench -> {
            long typed = bench.granted(TYPED, 1);
            long untyped = bench.granted(UNTYPED, 2);
            Expect.status("status", 0, bench.map(bench.slot(0), typed, WRITE));
            long place = bench.mapped.place;
            Expect.status("status", 0, bench.map(bench.slot(1), typed, READ));
            Expect.status("status", 0, bench.map(bench.slot(63), untyped, WRITE));
            Expect.status("status", 0, bench.mapBeside(bench.slot(2), flags(WRITE), typed, 0, WRITE));
            Expect.status("status", 0, bench.map(bench.slot(3), bench.frame(0), WRITE));
            Expect.equal("error of mapForeign", 0, bench.mapForeign(bench.slot(4), typed, WRITE));
            bench.read(bench.slot(0));
            bench.die();
            Expect.holdsNot("remembered", bench.space.remembers(typed));
            Expect.status("gone", Status.GONE, bench.space.remove(place, 0, typed, bench.mapped));
            Expect.equal("found", -1, bench.space.findNext(typed, 0));
            bench.expectFault(bench.load(bench.slot(0), 8), bench.slot(0), 14, 0);
            bench.expectFault(bench.load(bench.page(1), 8), bench.page(1), 14, 0);
        });
    }

    @Clause(
            id = "SPACE-35",
            promise =
                    "An address at which nothing can stand, and what is said to be an entry and is none, are errors that hold nothing.",
            source = "AddressSpace.map, AddressSpace.mapBeside")
    void badPlaces(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            int entries = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;
            for (long address : new long[] {1L << 52, -Page.SIZE}) {
                Expect.status("map", Status.GENERAL_ERROR, bench.map(address, granted, WRITE));
                Expect.status("mapBeside", Status.GENERAL_ERROR, bench.mapBeside(address, 2, granted, 0, WRITE));
            }
            Expect.status("an entry", Status.GENERAL_ERROR, bench.map(bench.slot(0), entries, granted, 0, WRITE));
            Expect.status("an entry", Status.GENERAL_ERROR, bench.mapBeside(bench.slot(0), entries, granted, 0, WRITE));
            Expect.equal(
                    "several",
                    0,
                    bench.space.mapBeside(
                            bench.slot(0), entries, new long[] {granted}, 1, WRITE, bench.mapped, new long[1]));
            bench.expectNothing(bench.slot(0));
            bench.expectHeld(granted, 1, 0);
        });
    }
}
