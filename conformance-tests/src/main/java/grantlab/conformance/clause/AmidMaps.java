package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectFree;
import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answered;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Another CPU of the granter takes something back while the grantee is in the midst of a map, before each of its looks at the granter's memory in
 * turn. Either waits for the other, or comes too late; when both are over, nobody has what was taken.
 */
@Interruptible
@Needs(format = "layout-tree")
final class AmidMaps {
    private static final int INDEX = 5;
    private static final int ACCEPTED = V3Map.WRITE | V3Map.ACCEPT_FAULT | V3Map.ACCEPT_DOWNGRADE;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final V3Call TAKING = FlatReferences.revocation(FlatReferences.REF, 1);
    private static final String SOURCE = "grant-v3.md, 8.2, phases 1 and 2; I4";

    /**
     * What came of both.
     *
     * @param came whether the map has that many looks; if not, the other came behind it
     * @param map what the grantee was answered
     * @param other what the granter was answered
     * @param <M> of a map by either operation
     */
    private record Met<M extends Answered>(boolean came, M map, V3Answer other) {}

    /**
     * Both at once.
     *
     * @param moment before which look of the map, from 0
     * @param map what the grantee does
     * @param other what the granter does meanwhile
     */
    private static <M extends Answered> Met<M> meet(World world, int moment, Supplier<M> map, V3Call other) {
        AtomicReference<M> mapped = new AtomicReference<>();
        AtomicReference<V3Answer> answer = new AtomicReference<>();
        Runnable taking = () -> answer.set(world.granter().call(other));
        Meeting meeting = new Meeting();
        boolean came = world.interruption().before(moment, () -> meeting.begins(taking), () -> mapped.set(map.get()));
        if (came) {
            meeting.join();
        } else {
            taking.run();
        }
        return new Met<>(came, mapped.get(), answer.get());
    }

    /** One moment after the other, each with whatever it needs. */
    private static void atEach(World world, Moment moment) {
        Ledger ledger = Ledger.of(world, world.granter(), world.grantee());
        int n = 0;
        while (moment.at(n)) {
            ledger.check();
            world.machine().checkInvariants();
            n++;
        }
        Expect.holds("a map looks at the granter's memory", n > 0);
        ledger.check();
    }

    /** What happens at a moment. */
    private interface Moment {
        /** All of it. @return whether the map has such a moment */
        boolean at(int n);
    }

    /** Of one level, so that its root is all that it needs. */
    private static RawTree tree(World world) {
        return RawTree.of(world.granter(), RawTree.creation(world, 1).and(V3TreeCreate.REVOCABLE_ONLY));
    }

    private static V3Call destruction(RawTree tree) {
        return tree.naming(V3Form.TREE_DESTROY);
    }

    private static void expectNothingMapped(World world) {
        Expect.equal("records", 0, world.machine().charges(World.GRANTEE).records());
    }

    @Clause(
            id = "RACE-28",
            promise =
                    "A tree that is destroyed amid a map is gone and nothing of it is mapped, or it stays and what is mapped with it.",
            source = "grant-v3.md, v3_tree_destroy; I1")
    void destroyed(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        atEach(world, n -> {
            RawTree tree = tree(world);
            long ref = tree.grant(INDEX, 0, V3Entry.W);
            Met<V3Answer> met = meet(world, n, () -> driver.map(ref, 0, ACCEPTED), destruction(tree));
            if (met.other().isOkay()) {
                Expect.different("status of the map", Status.OKAY, met.map().status());
                expectNothingMapped(world);
            } else {
                Expect.status(Status.BUSY, met.other());
                Expect.okay(met.map());
                driver.letGo(met.map());
                Expect.okay(world.granter().call(destruction(tree)));
            }
            return met.came();
        });
    }

    @Clause(
            id = "RACE-29",
            promise = "With REVOKE it is gone, and what was mapped of it is reached by nobody.",
            source = "grant-v3.md, v3_tree_destroy (REVOKE)")
    void destroyedByForce(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        atEach(world, n -> {
            RawTree tree = tree(world);
            long ref = tree.grant(INDEX, 0, V3Entry.W);
            Met<V3Answer> met = meet(
                    world,
                    n,
                    () -> driver.map(ref, 0, ACCEPTED),
                    destruction(tree).and(V3TreeDestroy.REVOKE));
            Expect.okay(met.other());
            expectPrivate(world, 0);
            if (met.map().isOkay()) {
                driver.letGo(met.map());
            }
            expectNothingMapped(world);
            return met.came();
        });
    }

    @Clause(
            id = "RACE-30",
            promise = "A leaf that is taken back amid a map is reached by nobody when that is over.",
            source = SOURCE)
    void takenBack(World world) {
        RawTree tree = tree(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        atEach(world, n -> {
            long ref = tree.grant(INDEX + n, 0, V3Entry.W);
            Met<V3Answer> met = meet(world, n, () -> driver.map(ref, 0, ACCEPTED), revocation(tree, INDEX + n, 1));
            Expect.okay(met.other());
            expectPrivate(world, 0);
            if (met.map().isOkay()) {
                driver.letGo(met.map());
            }
            expectFree(tree, INDEX + n);
            return met.came();
        });
    }

    @Clause(
            id = "RACE-31",
            promise = "A leaf that becomes read-only amid a map is written to by nobody when that is over.",
            source = "grant-v3.md, DOWN-5, DOWN-8")
    void madeReadOnly(World world) {
        RawTree tree = tree(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        world.granter().store(world.granter().page(0), GREETING);
        atEach(world, n -> {
            long ref = tree.grant(INDEX + n, 0, V3Entry.W);
            Met<V3Answer> met =
                    meet(world, n, () -> driver.map(ref, 0, ACCEPTED), DownForms.downgrade(tree, INDEX + n, 1));
            Expect.okay(met.other());
            Expect.equal("use of the entry for writing", 0, tree.get(INDEX + n) & V3Entry.MAPPED_W);
            if (met.map().isOkay()) {
                Sight.readOnly(world.grantee(), world.grantee().slot(0), GREETING);
                driver.letGo(met.map());
            }
            return met.came();
        });
    }

    @Clause(
            id = "RACE-32",
            promise =
                    "A reference of the flat table that is taken back amid a map, by operation 0 or through slot 0, is reached by nobody.",
            source = SOURCE + "; Slot 0")
    void takenBackOfTheFlatTable(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatReferences.agree(grantee);
        FlatVersions.use(world, 1);
        atEach(world, n -> {
            FlatVersions.grant(world, 1, FlatReferences.REF, 0, 0);
            MapCall call = MapCall.of(World.GRANTER, FlatReferences.REF).at(grantee.slot(0));
            Met<Mapped> met = meet(world, n, () -> grantee.call(call), TAKING);
            Expect.okay(met.other());
            expectPrivate(world, 0);
            if (met.map().isOkay()) {
                Expect.okay(grantee.call(UnmapCall.of(met.map().handle()).at(grantee.slot(0))));
            }
            FlatReferences.expectEntry(world, FlatReferences.REF, 0);
            return met.came();
        });
        atEach(world, n -> {
            FlatVersions.grant(world, 1, FlatReferences.REF, 0, 0);
            Met<V3Answer> met = meet(world, n, () -> driver.map(FlatReferences.REF, 0, ACCEPTED), TAKING);
            Expect.okay(met.other());
            expectPrivate(world, 0);
            if (met.map().isOkay()) {
                driver.letGo(met.map());
            }
            FlatReferences.expectEntry(world, FlatReferences.REF, 0);
            return met.came();
        });
    }
}
