package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.entry;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Another vCPU changes an entry between the look at it and the change: what was there last is what counts. */
@Needs(grantee = "names-entries")
final class SpaceInterruptions {
    private static final String THREADS = "AddressSpace, Threads";
    private static final String EXCHANGE = "compareAndExchange64";
    private static final long AVAILABLE = 1L << 9;

    private static long place(SpaceBench bench, int slot) {
        return bench.space.entryAddress(bench.slot(slot));
    }

    private static void betweenLookAndChange(SpaceBench bench, int slot, Runnable intruder) {
        bench.hooks.before(EXCHANGE, place(bench, slot), intruder);
    }

    private static void expectCame(SpaceBench bench) {
        Expect.holds("somebody came in between", bench.hooks.isEmpty());
    }

    private static void update(SpaceBench bench, int slot, int page, boolean writable) {
        Expect.equal("update", 0, bench.space.update(bench.slot(slot), entry(bench.frame(page), writable)));
    }

    private static void setBits(SpaceBench bench, int slot, long bits) {
        long place = place(bench, slot);
        bench.memory.store64(place, bench.memory.load64(place) | bits);
    }

    @Clause(id = "SPACE-85", promise = "A map displaces what stood there last, and that lets go.", source = THREADS)
    void map(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            update(bench, 0, 0, true);
            betweenLookAndChange(bench, 0, () -> update(bench, 0, 1, true));
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            expectCame(bench);
            Expect.equal("displaced", bench.frame(1), bench.mapped.displacedMfn);
            bench.expectHeld(bench.frame(0), 2, 1);
            bench.expectHeld(bench.frame(1), 2, 1);
        });
    }

    @Clause(
            id = "SPACE-86",
            promise =
                    "An unmap takes out a mapping whose harmless bits change meanwhile, and no other entry that comes there.",
            source = THREADS)
    void unmap(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            betweenLookAndChange(bench, 0, () -> setBits(bench, 0, AVAILABLE));
            Expect.status("status", 0, bench.unmap(bench.slot(0), granted, WRITE));
            expectCame(bench);
            Expect.equal("entry", 0, bench.memory.load64(place(bench, 0)));
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            betweenLookAndChange(bench, 0, () -> update(bench, 0, 1, true));
            Expect.status("status", Status.GENERAL_ERROR, bench.unmap(bench.slot(0), granted, WRITE));
            expectCame(bench);
            bench.expectReads(bench.slot(0), 0x1100);
            bench.expectHeld(granted, 1, 0);
        });
    }

    @Clause(
            id = "SPACE-87",
            promise =
                    "What unmap_and_replace puts in the place of a mapping is what stood at the other address last; if that is a mapping of"
                            + " grants v3 by now, it stays.",
            source = THREADS)
    void replacement(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            update(bench, 1, 0, true);
            betweenLookAndChange(bench, 1, () -> update(bench, 1, 1, true));
            Expect.status("status", 0, bench.unmap(bench.slot(0), bench.slot(1), flags(WRITE), granted, 0, WRITE));
            expectCame(bench);
            bench.expectReads(bench.slot(0), 0x1100);
            Expect.equal("the other address", 0, bench.memory.load64(place(bench, 1)));
            bench.expectHeld(bench.frame(0), 2, 1);
            bench.expectHeld(bench.frame(1), 3, 2);
            world.step("with a mapping of grants v3");
            Expect.status("status", 0, bench.map(bench.slot(2), granted, WRITE));
            betweenLookAndChange(bench, 3, () -> bench.mapBeside(bench.slot(3), flags(READ), granted, 0, READ));
            Expect.status(
                    "status",
                    Status.GENERAL_ERROR,
                    bench.unmap(bench.slot(2), bench.slot(3), flags(WRITE), granted, 0, WRITE));
            expectCame(bench);
            bench.expectReads(bench.slot(2), 0x20000);
            bench.expectReads(bench.slot(3), 0x20000);
        });
    }

    @Clause(
            id = "SPACE-88",
            promise =
                    "Revocation takes out, or replaces, an entry whose harmless bits change meanwhile, and leaves one that becomes another's.",
            source = THREADS)
    void revocation(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            long place = bench.mapped.place;
            betweenLookAndChange(bench, 0, () -> setBits(bench, 0, AVAILABLE));
            Expect.status("status", 0, bench.replace(place, 0, granted, WRITE, granted, READ));
            expectCame(bench);
            Expect.bits("entry", AVAILABLE | 2, AVAILABLE, bench.memory.load64(place));
            betweenLookAndChange(bench, 0, () -> setBits(bench, 0, AVAILABLE << 1));
            Expect.status("status", 0, bench.remove(place, 0, granted, READ));
            expectCame(bench);
            Expect.equal("entry", 0, bench.memory.load64(place));
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            betweenLookAndChange(bench, 0, () -> update(bench, 0, 1, true));
            Expect.status("status", Status.GONE, bench.remove(place, 0, granted, WRITE));
            expectCame(bench);
            bench.expectReads(bench.slot(0), 0x1100);
        });
    }

    @Clause(
            id = "SPACE-89",
            promise =
                    "A harmless update overwrites other harmless bits; it is harmless no more when frame or right change meanwhile, and then"
                            + " asks for its page.",
            source = THREADS)
    void harmless(World world) {
        SpaceBench.on(world, bench -> {
            update(bench, 0, 0, false);
            betweenLookAndChange(bench, 0, () -> setBits(bench, 0, AVAILABLE << 1));
            long changed = entry(bench.frame(0), false) | AVAILABLE;
            Expect.equal("update", 0, bench.space.update(bench.slot(0), changed));
            expectCame(bench);
            Expect.bits("entry", AVAILABLE * 3, AVAILABLE, bench.memory.load64(place(bench, 0)));
            bench.expectHeld(bench.frame(0), 3, 1);
            betweenLookAndChange(bench, 0, () -> update(bench, 0, 1, false));
            Expect.equal("update", 0, bench.space.update(bench.slot(0), entry(bench.frame(0), false)));
            expectCame(bench);
            bench.expectReads(bench.slot(0), 0x1000);
            bench.expectHeld(bench.frame(0), 3, 1);
            bench.expectHeld(bench.frame(1), 2, 1);
        });
    }

    @Clause(
            id = "SPACE-90",
            promise = "The death of a domain leaves to revocation what that took out of an entry before.",
            source = THREADS + "; AddressSpace.dispose")
    void death(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(TYPED, 1);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.status("status", 0, bench.map(bench.slot(1), granted, WRITE));
            long taken = place(bench, 0);
            long changed = place(bench, 1);
            bench.hooks.before(EXCHANGE, taken, () -> {
                bench.memory.store64(taken, 0);
                bench.drop(granted, Page.ORDER_4K, WRITE);
            });
            bench.hooks.before(
                    EXCHANGE, changed, () -> bench.memory.store64(changed, bench.memory.load64(changed) | AVAILABLE));
            bench.die();
            expectCame(bench);
            bench.expectHeld(granted, 1, 0);
        });
    }
}
