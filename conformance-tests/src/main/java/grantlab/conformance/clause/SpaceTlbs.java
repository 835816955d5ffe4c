package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.memory.Page;
import grantlab.api.paging.Tlb;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;

/** What vCPUs remember of an address space, and how they are made to forget it. */
final class SpaceTlbs {
    private static final String REMEMBERS = "Tlb";
    private static final int SLOTS = 8;

    private static void takeOut(SpaceBench bench, int slot, long mfn) {
        Expect.status("status", 0, bench.space.unmap(bench.slot(slot), 0, flags(WRITE), mfn, WRITE, bench.mapped));
    }

    private static long mapped(SpaceBench bench, int slot) {
        long granted = bench.granted(UNTYPED, 0x20000 + slot);
        Expect.status("status", 0, bench.map(bench.slot(slot), granted, WRITE));
        return granted;
    }

    @Clause(
            id = "SPACE-91",
            promise =
                    "What a vCPU has reached stays reachable for it after it was taken out, to be read and to be written, until it is flushed;"
                            + " then nothing is there. That is known of each frame.",
            source = REMEMBERS)
    void remembers(World world) {
        SpaceBench.on(world, bench -> {
            long[] granted = new long[SLOTS];
            for (int slot = 0; slot < SLOTS; slot++) {
                granted[slot] = mapped(bench, slot);
                Expect.holdsNot("remembered before", bench.space.remembers(granted[slot]));
                bench.expectReads(bench.slot(slot), 0x20000 + slot);
                Expect.holds("remembered", bench.space.remembers(granted[slot]));
                takeOut(bench, slot, granted[slot]);
            }
            for (int slot = 0; slot < SLOTS; slot++) {
                bench.expectReads(bench.slot(slot), 0x20000 + slot);
                bench.put(bench.slot(slot), slot);
                Expect.equal("in the frame", slot, bench.memory.load64(Page.address(granted[slot])));
                Expect.holds("remembered", bench.space.remembers(granted[slot]));
            }
            bench.space.flush();
            for (int slot = 0; slot < SLOTS; slot++) {
                Expect.holdsNot("remembered", bench.space.remembers(granted[slot]));
                bench.expectNothing(bench.slot(slot));
                bench.drop(granted[slot], 0, WRITE);
            }
        });
    }

    @Clause(
            id = "SPACE-92",
            promise = "A flush of the address space is one of every vCPU; a vCPU's own leaves the others alone.",
            source = REMEMBERS + "; AddressSpace.flush, flushTlbs")
    void everyVcpu(World world) {
        SpaceBench.on(world, bench -> {
            Tlb[] vcpus = {bench.tlb, bench.space.attach(), bench.space.attach()};
            for (int way = 0; way < 2; way++) {
                long granted = mapped(bench, way);
                for (Tlb vcpu : vcpus) {
                    Expect.equal("load", 0x20000 + way, bench.read(vcpu, bench.slot(way)));
                }
                takeOut(bench, way, granted);
                vcpus[1].flush();
                Expect.holds("remembered", bench.space.remembers(granted));
                expectGone(bench, vcpus[1], bench.slot(way));
                Expect.equal("load", 0x20000 + way, bench.read(vcpus[0], bench.slot(way)));
                Expect.equal("load", 0x20000 + way, bench.read(vcpus[2], bench.slot(way)));
                if (way == 0) {
                    bench.space.flush();
                } else {
                    bench.space.flushTlbs();
                }
                Expect.holdsNot("remembered", bench.space.remembers(granted));
                for (Tlb vcpu : vcpus) {
                    expectGone(bench, vcpu, bench.slot(way));
                }
                bench.drop(granted, 0, WRITE);
            }
        });
    }

    private static void expectGone(SpaceBench bench, Tlb vcpu, long address) {
        int vector = bench.space.load(vcpu, address, 8, bench.loaded);
        Expect.holds(
                "nothing is there any more",
                bench.translated() ? vector == 0 && bench.loaded.value == SpaceBench.ONES : vector != 0);
    }

    @Clause(
            id = "SPACE-93",
            promise =
                    "A vCPU that has left is flushed no more, and nobody asks what it remembers; one that joins remembers nothing.",
            source = "AddressSpace.attach, detach")
    void leaves(World world) {
        SpaceBench.on(world, bench -> {
            Tlb leaving = bench.space.attach();
            long granted = mapped(bench, 0);
            Expect.equal("load", 0x20000, bench.read(leaving, bench.slot(0)));
            Expect.holds("remembered", bench.space.remembers(granted));
            bench.space.detach(leaving);
            Expect.holdsNot("remembered", bench.space.remembers(granted));
            takeOut(bench, 0, granted);
            bench.space.flush();
            Expect.equal("what nobody told it to forget", 0x20000, bench.read(leaving, bench.slot(0)));
            leaving.flush();
            expectGone(bench, leaving, bench.slot(0));
            expectGone(bench, bench.space.attach(), bench.slot(0));
            bench.drop(granted, 0, WRITE);
        });
    }

    @Clause(
            id = "SPACE-94",
            promise =
                    "Flushes are counted where there are vCPUs; a flush is one of devices too, that of TLBs alone is none of theirs.",
            source = "AddressSpace.flushes, flush, flushTlbs")
    void counted(World world) {
        SpaceBench.on(world, bench -> {
            long flushes = bench.space.flushes();
            int forgot = bench.devicesForgot();
            bench.space.flushTlbs();
            Expect.equal("flushes", flushes + 1, bench.space.flushes());
            Expect.equal("devices forgot", forgot, bench.devicesForgot());
            bench.space.flush();
            Expect.equal("flushes", flushes + 2, bench.space.flushes());
            Expect.equal("devices forgot", forgot + 1, bench.devicesForgot());
            bench.space.flush();
            bench.space.flush();
            Expect.equal("flushes", flushes + 4, bench.space.flushes());
            bench.space.detach(bench.tlb);
            bench.space.flush();
            Expect.equal("flushes without a vCPU", flushes + 4, bench.space.flushes());
            Expect.equal("devices forgot", forgot + 4, bench.devicesForgot());
        });
    }

    @Clause(
            id = "SPACE-95",
            promise =
                    "Map and unmap flush nothing by themselves where nothing stood; what is read again after a flush is what stands there.",
            source = "AddressSpace.map, AddressSpace.unmap")
    void noFlush(World world) {
        SpaceBench.on(world, bench -> {
            long flushes = bench.space.flushes();
            int forgot = bench.devicesForgot();
            long granted = mapped(bench, 0);
            takeOut(bench, 0, granted);
            long other = bench.granted(UNTYPED, 0x30000);
            Expect.status("status", 0, bench.map(bench.slot(1), other, READ));
            Expect.equal("flushes", flushes, bench.space.flushes());
            Expect.equal("devices forgot", forgot, bench.devicesForgot());
            bench.expectReads(bench.slot(1), 0x30000);
            bench.space.flush();
            bench.expectReads(bench.slot(1), 0x30000);
            bench.drop(granted, 0, WRITE);
        });
    }

    @Clause(
            id = "SPACE-96",
            promise =
                    "A flush returns when no access that began before is under way: not before one ends that waits for its memory, be it to"
                            + " load, to store or to exchange, a word or many bytes.",
            source = "AddressSpace.flush, flushTlbs")
    void waits(World world) {
        SpaceBench.on(world, bench -> {
            bench.read(bench.page(0));
            byte[] bytes = new byte[8];
            var segment = java.lang.foreign.MemorySegment.ofArray(bytes);
            long at = Page.address(bench.frame(0));
            long address = bench.page(0);
            for (boolean devicesToo : new boolean[] {true, false}) {
                expectWaits(bench, devicesToo, "load64Acquire", at, () -> bench.load(address, 8));
                expectWaits(bench, devicesToo, "store64Release", at, () -> bench.store(address, 8, 1));
                expectWaits(
                        bench,
                        devicesToo,
                        "compareAndExchange64",
                        at,
                        () -> bench.space.compareAndExchange(bench.tlb, address, 8, 1, 2, bench.loaded));
                expectWaits(
                        bench,
                        devicesToo,
                        "copyOut",
                        at,
                        () -> bench.space.loadBytes(bench.tlb, address, segment, 0, 8, bench.loaded));
                expectWaits(
                        bench,
                        devicesToo,
                        "copyIn",
                        at,
                        () -> bench.space.storeBytes(bench.tlb, address, segment, 0, 8, bench.loaded));
            }
        });
    }

    private static void expectWaits(SpaceBench bench, boolean devicesToo, String method, long at, Runnable access) {
        Meeting meeting = new Meeting();
        bench.hooks.before(method, at, () -> {
            boolean returned = meeting.returnsMeanwhile(devicesToo ? bench.space::flush : bench.space::flushTlbs);
            Expect.holdsNot("the flush returned before the access that " + method + " is part of", returned);
        });
        access.run();
        Expect.holds("the access came to its memory by " + method, bench.hooks.isEmpty());
        meeting.join();
    }
}
