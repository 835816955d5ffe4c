package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.concurrent.atomic.AtomicBoolean;

/** v3_map: pages of a run that go together, and others' turns between them. */
@Needs(format = "layout-tree")
final class Map3Together {
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    /** Runs that no pause met, before there is none that does. */
    private static final int WHOLE_RUNS = 100_000;

    /** Runs, those included that met the tree paused. */
    private static final int RUNS = 20_000_000;

    @Clause(
            id = "MAP3-23",
            promise =
                    "HVM: a run stops at a place that is taken, and leaves no mark and no reference on the pages from there on.",
            source = "grant-v3.md, MAP-33, MAP-35")
    @Needs(grantee = "translated")
    void placeTaken(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 16; n++) {
            tree.grant(n, n, V3Entry.W);
            granter.store(granter.page(n), 100 + n);
        }
        for (int taken = 0; taken < 16; taken++) {
            V3Answer before = driver.hold(tree.ref(15), taken, 0);
            long references = world.references(14);
            V3Answer mapped =
                    grantee.call(driver.mapping(tree.ref(0), 0).and(V3Map.WRITE).with(V3Map.COUNT, 15));
            Expect.status(taken == 15 ? Status.OKAY : Status.GENERAL_ERROR, mapped);
            Expect.equal("pages", taken, mapped.get(V3Map.DONE));
            Sight.value(grantee, grantee.slot(taken), 115);
            for (int n = 0; n < 15; n++) {
                Expect.bits("leaf " + n, IN_USE, n < taken ? IN_USE : 0, tree.get(n));
            }
            Expect.equal("references", taken == 15 ? references + 1 : references, world.references(14));
            if (taken != 0) {
                driver.letGo(mapped);
            }
            driver.letGo(before);
        }
    }

    @Clause(
            id = "MAP3-36",
            promise =
                    "HVM: of pages that were marked and did not get their places the granter hears that their use ended, of those that it asked to"
                            + " hear of.",
            source = "grant-v3.md, 7.1 (a map that fails after its mark was a use), MAP-35; RING-14")
    @Needs(grantee = "translated")
    void endOfUsesThatCameToNothing(World world) {
        Party grantee = world.grantee();
        EventRing ring = RingForms.granterRing(world);
        RawTree tree = RawTree.of(world.granter(), RawTree.creation(world).with(V3TreeCreate.RING_ID, ring.id()))
                .forDevices();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 8; n++) {
            tree.grant(n, n, V3Entry.W | V3Entry.NOTIFY);
        }
        tree.grant(9, 9, 0);
        driver.letGo(driver.hold(tree.ref(9), 0, 0));
        for (int taken = 1; taken < 7; taken++) {
            V3Answer before = driver.hold(tree.ref(9), taken, 0);
            V3Answer mapped =
                    grantee.call(driver.mapping(tree.ref(0), 0).and(V3Map.WRITE).with(V3Map.COUNT, 8));
            Expect.status(Status.GENERAL_ERROR, mapped);
            Expect.equal("pages", taken, mapped.get(V3Map.DONE));
            Event event = RingForms.expectNext(ring, V3RingEntry.UNMAPPED);
            Expect.equal("first", taken, event.first);
            Expect.equal("count", 8 - taken, event.count);
            driver.letGo(mapped);
            event = RingForms.expectNext(ring, V3RingEntry.UNMAPPED);
            Expect.equal("first", 0, event.first);
            Expect.equal("count", taken, event.count);
            RingForms.expectNothing(ring);
            driver.letGo(before);
        }
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MAP3-24",
            promise =
                    "A run maps what is in use already too, and what is not beside it: each leaf counts its own uses, from"
                            + " any beginning.",
            source = "grant-v3.md, MAP-25, MAP-35")
    void amidUses(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 24; n++) {
            tree.grant(n, n, V3Entry.W);
            granter.store(granter.page(n), 100 + n);
        }
        for (int first = 0; first < 8; first++) {
            V3Answer held = driver.hold(tree.ref(first + 5), 30, 0);
            long before = world.references(first + 5);
            V3Answer mapped = grantee.call(
                    driver.mapping(tree.ref(first), 0).and(V3Map.WRITE).with(V3Map.COUNT, 16));
            Expect.okay(mapped);
            Expect.equal("references", before + 1, world.references(first + 5));
            for (int n = 0; n < 16; n++) {
                Sight.value(grantee, grantee.slot(n), 100 + first + n);
                Expect.bits("leaf " + (first + n), IN_USE, IN_USE, tree.get(first + n));
            }
            Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 3, 4)));
            Expect.bits("leaf in use for reading", IN_USE, V3Entry.MAPPED_R, tree.get(first + 5));
            Expect.bits("leaf in use no more", IN_USE, 0, tree.get(first + 6));
            Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 7, 9)));
            Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 0, 3)));
            driver.letGo(held);
            for (int n = 0; n < 16; n++) {
                Expect.bits("leaf " + (first + n), IN_USE, 0, tree.get(first + n));
            }
        }
    }

    @Clause(
            id = "MAP3-25",
            promise =
                    "A long run gives others their turn: a pause comes in its midst, what was mapped before stays, and is told.",
            source = "grant-v3.md, MAP-36, I14, TREE-24")
    void turns(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        int pages = 64;
        for (int n = 0; n < pages; n++) {
            tree.grant(n, n % 32, 0);
        }
        V3Call run = driver.mapping(tree.ref(0), 0).with(V3Map.COUNT, pages);
        V3Call update = tree.naming(V3Form.TREE_UPDATE);
        AtomicBoolean amid = new AtomicBoolean();
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    try {
                        int whole = 0;
                        for (int n = 0; n < RUNS && whole < WHOLE_RUNS && !amid.get(); n++) {
                            V3Answer mapped = grantee.call(run);
                            long done = mapped.get(V3Map.DONE);
                            Expect.status(done == pages ? Status.OKAY : Status.PAUSED, mapped);
                            if (done == 0) {
                                Thread.onSpinWait();
                            } else {
                                driver.letGo(mapped);
                            }
                            whole += done == pages ? 1 : 0;
                            amid.set(done != 0 && done != pages);
                        }
                    } finally {
                        over.set(true);
                    }
                },
                () -> {
                    while (!over.get()) {
                        Expect.okay(granter.call(update.and(V3TreeUpdate.PAUSE)));
                        Expect.okay(granter.call(update.and(V3TreeUpdate.RESUME)));
                    }
                });
        Expect.holds("a pause came in the midst of a run", amid.get());
    }
}
