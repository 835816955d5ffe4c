package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectTaken;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Lacks;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/** What an access to a page that was taken gives, and who is told. */
@Needs(format = "layout-tree")
@Concerns(Member.IOMMU)
final class FaultDeliveries {
    private static final String SOURCE = "grant-v3.md, 8.4";
    private static final int INDEX = 5;
    private static final int PAGE = 3;
    private static final int PORT = 9;
    private static final int GUARD = 16;
    private static final int PAGE_FAULT = 14;
    private static final int GENERAL_PROTECTION = 13;
    private static final int ERROR_WRITE = 2;
    private static final int BEHIND = Page.SIZE - Integer.BYTES;
    private static final int FAULT = V3Map.ACCEPT_FAULT;

    private static V3Call mode(int mode) {
        return V3Call.of(V3Form.GRANTEE_CTL)
                .with(V3Head.FLAGS, V3GranteeCtl.FAULT_MODE_SET)
                .with(V3GranteeCtl.FAULT_MODE, mode);
    }

    private static void inject(Party grantee) {
        Expect.okay(grantee.call(mode(V3GranteeCtl.INJECT)));
    }

    /** Pages that lie at slots from 0 on, the granter's page n at slot n. */
    private static V3Answer[] held(World world, RawTree tree, int count) {
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer[] mapped = new V3Answer[count];
        for (int n = 0; n < count; n++) {
            world.granter().store(world.granter().page(PAGE + n), 100 + n);
            tree.grant(INDEX + n, PAGE + n, V3Entry.W);
            mapped[n] = driver.hold(tree.ref(INDEX + n), n, V3Map.WRITE | FAULT);
        }
        return mapped;
    }

    private static void letGo(Party grantee, V3Answer... mapped) {
        TreeDriver driver = new TreeDriver(grantee);
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
    }

    private static void expectException(Party grantee, int vector, boolean write) {
        Expect.equal("vector", grantee.translated() ? GENERAL_PROTECTION : PAGE_FAULT, vector);
        int code = grantee.translated() || !write ? 0 : ERROR_WRITE;
        Expect.equal("error code", code, grantee.vcpu().faultErrorCode());
    }

    private static void expectExceptions(Party grantee, long address) {
        expectException(grantee, grantee.tryLoad(address), false);
        expectException(grantee, grantee.tryStore(address, 1), true);
    }

    private static void expectTold(EventRing ring, RawTree tree, Party grantee, long address, int reason) {
        Event event = RingForms.expectNext(ring, V3RingEntry.FAULT);
        Expect.equal("page", Page.frame(address), event.first);
        Expect.equal("vCPU", grantee.vcpu().number(), event.count);
        Expect.equal("reason", reason, event.reason);
        Expect.equal("slot", V3Ref.slot(tree.ref(0)), event.slot);
        Expect.equal("generation", V3Ref.generation(tree.ref(0)), event.generation);
        Expect.equal("order", 0, event.order);
        Expect.equal("cookie", 0, event.cookie);
    }

    private static void expectRevoked(EventRing ring) {
        RingForms.expectNext(ring, V3RingEntry.REVOKED);
    }

    @Clause(
            id = "FAULT-03",
            promise =
                    "The fault modes are NONE and INJECT, which is announced; another is unsupported and changes nothing.",
            source = "grant-v3.md, FAULT-1, FAULT-2")
    void modes(World world) {
        Party grantee = world.grantee();
        V3Answer query = grantee.call(V3Call.of(V3Form.QUERY));
        Expect.okay(query);
        Expect.bits("features", V3Query.INJECT, V3Query.INJECT, query.get(V3Query.FEATURES));
        Expect.status(Status.INVAL, grantee.call(mode(V3GranteeCtl.INJECT).with(V3Head.FLAGS, 0)));
        inject(grantee);
        Expect.status(Status.UNSUPPORTED, grantee.call(mode(2)));
        Expect.status(Status.UNSUPPORTED, grantee.call(mode(-1)));
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 1);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectExceptions(grantee, grantee.slot(0));
        Expect.okay(grantee.call(mode(V3GranteeCtl.NONE)));
        Sight.nothing(grantee, grantee.slot(0));
        inject(grantee);
        expectExceptions(grantee, grantee.slot(0));
        letGo(grantee, mapped[0]);
    }

    @Clause(
            id = "FAULT-04",
            promise =
                    "With INJECT every kind of access to a page that was taken gives an exception before it did anything there"
                            + " (PV: a page fault, HVM: a general protection fault); what lies beside is as it was.",
            source = SOURCE)
    void exceptions(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        inject(grantee);
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 3);
        expectTaken(world, revocation(tree, INDEX + 1, 1), 1);
        long taken = grantee.slot(1);
        expectExceptions(grantee, taken);
        expectException(
                grantee, grantee.vcpu().compareAndExchange(taken + Page.SIZE - Long.BYTES, Long.BYTES, -1, 1), true);
        world.step("accesses that lie across two pages");
        expectException(grantee, grantee.tryLoad(grantee.slot(0) + BEHIND), false);
        expectException(grantee, grantee.tryStore(grantee.slot(0) + BEHIND, 7), true);
        expectException(grantee, grantee.tryLoad(taken + BEHIND), false);
        expectException(grantee, grantee.tryStore(taken + BEHIND, 7), true);
        Expect.equal("what is before the page", 0, granter.load(granter.page(PAGE) + Page.SIZE - Long.BYTES));
        Sight.value(grantee, grantee.slot(0), 100);
        Sight.value(grantee, grantee.slot(2), 102);
        world.step("many bytes");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(3L * Page.SIZE);
            int length = 3 * Page.SIZE;
            expectException(grantee, grantee.vcpu().loadBytes(grantee.slot(0), bytes, 0, length), false);
            Expect.equal("first word", 100, bytes.get(ValueLayout.JAVA_LONG, 0));
            Expect.equal("first word behind", 0, bytes.get(ValueLayout.JAVA_LONG, 2L * Page.SIZE));
            bytes.fill((byte) 5);
            expectException(grantee, grantee.vcpu().storeBytes(grantee.slot(0), bytes, 0, length), true);
        }
        Sight.value(grantee, grantee.slot(0), 0x0505_0505_0505_0505L);
        Sight.value(grantee, grantee.slot(2), 102);
        Expect.equal("the page itself", 101, granter.load(granter.page(PAGE + 1)));
        Expect.holds("the grantee runs", grantee.domain().running());
        letGo(grantee, mapped);
    }

    @Clause(
            id = "FAULT-05",
            promise =
                    "An access to a page that was taken is told to the grantee's ring for that granter, whatever the mode, with"
                            + " page, vCPU and kind, and notifies its port once.",
            source = SOURCE + "; 9")
    void told(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 2);
        expectTaken(world, revocation(tree, INDEX + 1, 1), 1);
        expectRevoked(ring);
        RingForms.expectNothing(ring);
        long notified = grantee.vcpu().notifications(PORT);
        long taken = grantee.slot(1);
        grantee.tryLoad(taken + Long.BYTES);
        expectTold(ring, tree, grantee, taken, V3RingEntry.FAULT_READ);
        Expect.equal("notifications", notified + 1, grantee.vcpu().notifications(PORT));
        grantee.tryStore(grantee.slot(0) + BEHIND, 1);
        expectTold(ring, tree, grantee, taken, V3RingEntry.FAULT_WRITE);
        inject(grantee);
        expectExceptions(grantee, taken);
        expectTold(ring, tree, grantee, taken, V3RingEntry.FAULT_READ);
        expectTold(ring, tree, grantee, taken, V3RingEntry.FAULT_WRITE);
        Expect.equal("notifications", notified + 4, grantee.vcpu().notifications(PORT));
        Sight.value(grantee, grantee.slot(0), 100);
        RingForms.expectNothing(ring);
        letGo(grantee, mapped);
    }

    @Clause(
            id = "FAULT-06",
            promise =
                    "The refault guard: the first 16 faults of each mapping that was taken are told, and what comes behind gives"
                            + " the same exceptions in silence; another mapping has its own.",
            source = SOURCE + ", FAULT-13")
    void guard(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        inject(grantee);
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 2);
        expectTaken(world, revocation(tree, INDEX, 2), 2);
        expectRevoked(ring);
        for (int n = 0; n < 3 * GUARD; n++) {
            expectException(grantee, grantee.tryLoad(grantee.slot(0)), false);
        }
        for (int n = 0; n < GUARD; n++) {
            expectTold(ring, tree, grantee, grantee.slot(0), V3RingEntry.FAULT_READ);
        }
        RingForms.expectNothing(ring);
        expectException(grantee, grantee.tryLoad(grantee.slot(1)), false);
        expectTold(ring, tree, grantee, grantee.slot(1), V3RingEntry.FAULT_READ);
        letGo(grantee, mapped);
        world.step("the same place begins anew when something else was taken there");
        mapped = held(world, tree, 1);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectRevoked(ring);
        for (int n = 0; n < GUARD; n++) {
            expectExceptions(grantee, grantee.slot(0));
        }
        for (int n = 0; n < GUARD / 2; n++) {
            expectTold(ring, tree, grantee, grantee.slot(0), V3RingEntry.FAULT_READ);
            expectTold(ring, tree, grantee, grantee.slot(0), V3RingEntry.FAULT_WRITE);
        }
        RingForms.expectNothing(ring);
        letGo(grantee, mapped);
    }

    @Clause(
            id = "FAULT-07",
            promise =
                    "Nothing but what was taken gives exceptions and events: no hole, nothing that was unmapped or acknowledged,"
                            + " no place that has something else by now or where something stands in, nothing that may only be read.",
            source = SOURCE)
    void nothingElse(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        inject(grantee);
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 4);
        Sight.nothing(grantee, grantee.slot(9));
        driver.letGo(mapped[0]);
        Sight.nothing(grantee, grantee.slot(0));
        V3Answer reader = driver.hold(tree.ref(INDEX), 0, FAULT);
        Sight.readOnly(grantee, grantee.slot(0), 100);
        expectTaken(world, revocation(tree, INDEX, 4), 4);
        expectRevoked(ring);
        world.step("acknowledged");
        expectExceptions(grantee, grantee.slot(1));
        RingForms.expectNext(ring, V3RingEntry.FAULT);
        RingForms.expectNext(ring, V3RingEntry.FAULT);
        driver.letGo(mapped[1]);
        Sight.nothing(grantee, grantee.slot(1));
        world.step("something else");
        tree.grant(INDEX + 8, PAGE + 8, V3Entry.W);
        V3Answer other = driver.hold(tree.ref(INDEX + 8), 2, V3Map.WRITE | FAULT);
        grantee.store(grantee.slot(2), 55);
        Sight.value(grantee, grantee.slot(2), 55);
        driver.letGo(mapped[2]);
        driver.letGo(other);
        Sight.nothing(grantee, grantee.slot(2));
        RingForms.expectNothing(ring);
        driver.letGo(mapped[3]);
        driver.letGo(reader);
        for (int slot = 0; slot < 4; slot++) {
            Sight.nothing(grantee, grantee.slot(slot));
        }
        RingForms.expectNothing(ring);
        world.machine().checkInvariants();
    }

    @Lacks(iommu = DeviceSight.CONFINED)
    @Clause(
            id = "FAULT-08",
            promise = "What stands in for a page gives no exception and no event, for it is there.",
            source = SOURCE)
    void standIns(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        inject(grantee);
        RawTree tree = revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer zeros = driver.hold(tree.ref(INDEX), 0, V3Map.ACCEPT_ZERO);
        V3Answer gone = driver.hold(tree.ref(INDEX), 1, FAULT);
        Expect.okay(world.granter().call(revocation(tree, INDEX, 1).with(V3Revoke.CPU_FATE, V3Revoke.CPU_ZERO)));
        expectRevoked(ring);
        Sight.readOnly(grantee, grantee.slot(0), 0);
        RingForms.expectNothing(ring);
        expectExceptions(grantee, grantee.slot(1));
        driver.letGo(zeros);
        Sight.nothing(grantee, grantee.slot(0));
        driver.letGo(gone);
        Sight.nothing(grantee, grantee.slot(1));
    }

    @Clause(
            id = "FAULT-09",
            promise =
                    "What v3_map made of a reference of the flat table is told with slot 0; what operation 0 made is an empty"
                            + " place like any other, in both modes.",
            source = SOURCE + ", FAULT-12")
    void flat(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        FlatReferences.agree(grantee);
        inject(grantee);
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, FlatReferences.REF, PAGE, 0);
            Mapped old = FlatReferences.map(grantee, FlatReferences.REF, 0);
            V3Answer mapped = driver.hold(FlatReferences.REF, 1, FAULT);
            FlatReferences.expectTaken(world, FlatReferences.revocation(FlatReferences.REF, 1), 2);
            expectRevoked(ring);
            Sight.nothing(grantee, grantee.slot(0));
            RingForms.expectNothing(ring);
            expectExceptions(grantee, grantee.slot(1));
            for (int reason : new int[] {V3RingEntry.FAULT_READ, V3RingEntry.FAULT_WRITE}) {
                Event event = RingForms.expectNext(ring, V3RingEntry.FAULT);
                Expect.equal("page", Page.frame(grantee.slot(1)), event.first);
                Expect.equal("slot", 0, event.slot);
                Expect.equal("generation", 0, event.generation);
                Expect.equal("reason", reason, event.reason);
            }
            driver.letGo(mapped);
            Sight.nothing(grantee, grantee.slot(1));
            FlatReferences.unmap(grantee, old, 0);
            RingForms.expectNothing(ring);
        });
    }

    @Clause(
            id = "FAULT-10",
            promise =
                    "When the granter is gone what it took gives exceptions until it is acknowledged, and nobody hears of it, nor"
                            + " who gets its number.",
            source = SOURCE + "; 9")
    void deaths(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        inject(grantee);
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 2);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectRevoked(ring);
        letGo(grantee, mapped[1]);
        world.destroy(world.granter());
        RingForms.expectNext(ring, V3RingEntry.GRANTER_DEAD);
        expectExceptions(grantee, grantee.slot(0));
        RingForms.expectNothing(ring);
        letGo(grantee, mapped[0]);
        Sight.nothing(grantee, grantee.slot(0));
        world.machine().checkInvariants();
    }

    @Needs(format = "large-leaves", granter = "translated", grantee = "large-mappings")
    @Clause(
            id = "FAULT-11",
            promise = "Of a block that was taken each page gives exceptions, and all together one guard.",
            source = SOURCE + ", FAULT-13")
    void blocks(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        inject(grantee);
        RawTree tree = revocable(world);
        long block = world.granter().kernel().allocatePages(Page.ORDER_2M);
        tree.put(2, 512, RawTree.leaf(world.granter().kernel().frameOf(block), V3Entry.W | V3Entry.DEV));
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer whole = grantee.call(driver.mapping(tree.ref(512), 0)
                .and(V3Map.WRITE | FAULT)
                .with(V3Map.DEST, Page.frame(slot))
                .with(V3Map.COUNT, 512)
                .with(V3Map.ORDER_REQ, Page.ORDER_2M));
        Expect.okay(whole);
        expectTaken(world, revocation(tree, 512, 512), 1);
        expectRevoked(ring);
        for (int page = 511; page >= 0; page -= 7) {
            expectException(grantee, grantee.tryLoad(slot + (long) page * Page.SIZE), false);
        }
        for (int n = 0; n < GUARD; n++) {
            expectTold(ring, tree, grantee, slot + (511L - 7L * n) * Page.SIZE, V3RingEntry.FAULT_READ);
        }
        RingForms.expectNothing(ring);
        driver.letGo(whole);
        Sight.nothing(grantee, slot);
    }

    @Interruptible
    @Clause(
            id = "FAULT-12",
            promise =
                    "At no moment of a revocation does a grantee with INJECT read something else than the page: it finds what is"
                            + " there, or has an exception.",
            source = SOURCE)
    void throughout(World world) {
        Party grantee = world.grantee();
        inject(grantee);
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 1);
        long address = grantee.slot(0);
        int[] seen = new int[2];
        world.interruption()
                .throughout(
                        () -> {
                            int vector = grantee.tryLoad(address);
                            seen[vector == 0 ? 0 : 1]++;
                            if (vector == 0) {
                                Expect.equal(
                                        "what was loaded", 100, grantee.vcpu().value());
                            } else {
                                expectException(grantee, vector, false);
                            }
                        },
                        () -> expectTaken(world, revocation(tree, INDEX, 1), 1));
        Expect.holds("the page was there at first", seen[0] > 0);
        Expect.holds("and gone before the call was over", seen[1] > 0);
        letGo(grantee, mapped[0]);
    }

    @Clause(
            id = "FAULT-13",
            promise =
                    "A grantee that reads while it loses a page, on a CPU of its own, never finds anything but what the granter"
                            + " wrote, or an exception.",
            source = SOURCE)
    void race(World world) {
        Party grantee = world.grantee();
        inject(grantee);
        RawTree tree = revocable(world);
        Race.rounds(20, round -> {
            V3Answer[] mapped = held(world, tree, 1);
            long address = grantee.slot(0);
            AtomicBoolean over = new AtomicBoolean();
            Race.run(
                    () -> {
                        while (!over.get() && grantee.tryLoad(address) == 0) {
                            Expect.equal("what was loaded", 100, grantee.vcpu().value());
                        }
                        expectException(grantee, grantee.tryLoad(address), false);
                    },
                    () -> {
                        expectTaken(world, revocation(tree, INDEX, 1), 1);
                        over.set(true);
                    });
            letGo(grantee, mapped[0]);
        });
    }

    @Interruptible
    @Clause(
            id = "FAULT-14",
            promise =
                    "A place is known as taken before it is empty: an access that comes as soon as it is, before any flush, gives an"
                            + " exception and is told, through a tree and through slot 0.",
            source = SOURCE + ", FAULT-11")
    void knownBeforeEmpty(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granteeRing(world);
        inject(grantee);
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = revocable(world);
        V3Answer[] mapped = held(world, tree, 1);
        expectKnown(world, ring, () -> expectTaken(world, revocation(tree, INDEX, 1), 1));
        letGo(grantee, mapped);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, FlatReferences.REF, PAGE, 0);
            V3Answer alias = driver.hold(FlatReferences.REF, 0, FAULT);
            V3Call taking = FlatReferences.revocation(FlatReferences.REF, 1);
            expectKnown(world, ring, () -> FlatReferences.expectTaken(world, taking, 1));
            driver.letGo(alias);
        });
    }

    /** What stands at slot 0 is taken, and the CPU's first access to it comes just then: no TLB knows it. */
    private static void expectKnown(World world, EventRing ring, Runnable call) {
        Party grantee = world.grantee();
        int places = world.interruption()
                .whenEmptied(() -> expectException(grantee, grantee.tryLoad(grantee.slot(0)), false), call);
        Expect.equal("places that were emptied", 1, places);
        Event event = RingForms.expectNext(ring, V3RingEntry.FAULT);
        Expect.equal("page", Page.frame(grantee.slot(0)), event.first);
        expectRevoked(ring);
        RingForms.expectNothing(ring);
    }
}
