package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Sync;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.function.Function;

/** Another CPU of the granter changes a leaf before every access of a call of the granter's: a bit that is its own. */
@Interruptible
@Needs(format = "layout-tree")
final class NeverAtRest {
    private static final int INDEX = 5;
    private static final int AGREED = V3Map.WRITE | V3Map.ACCEPT_FAULT | V3Map.ACCEPT_DOWNGRADE;
    private static final long OWN_BIT = 1L << V3Entry.SW_SHIFT;

    /** The call is answered with unstable while the leaf changes, and does what it is for when the leaf rests. */
    private static void unstableUntilAtRest(World world, Function<RawTree, V3Call> call) {
        RawTree tree = RevokeForms.revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(INDEX, 0, V3Entry.W);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, AGREED);
        V3Call made = call.apply(tree);
        world.step("the granter makes the call, and changes its leaf before every access");
        int looks = world.interruption()
                .throughout(
                        () -> tree.put(INDEX, tree.get(INDEX) ^ OWN_BIT),
                        () -> Expect.status(Status.UNSTABLE, world.granter().call(made)));
        Expect.holds("it looked at the leaf at all", looks > 0);
        world.step("once more, at rest");
        Expect.okay(world.granter().call(made));
        driver.letGo(mapped);
        Expect.equal("in use when all is over", 0, tree.get(INDEX) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "RACE-21",
            promise =
                    "Of a leaf that changes before every look of its revocation the answer is unstable, after a bounded number of"
                            + " looks; at rest it is taken.",
            source = "grant-v3.md, 8.2, phase 1; SEC-3")
    void takenBack(World world) {
        unstableUntilAtRest(world, tree -> RevokeForms.revocation(tree, INDEX, 1));
    }

    @Clause(
            id = "RACE-22",
            promise =
                    "Of a leaf that changes before every look of its downgrade the answer is unstable, after a bounded number of"
                            + " looks; at rest it becomes read-only.",
            source = "grant-v3.md, DOWN-9; SEC-3")
    void madeReadOnly(World world) {
        unstableUntilAtRest(world, tree -> DownForms.downgrade(tree, INDEX, 1));
    }

    @Clause(
            id = "RACE-23",
            promise =
                    "Of a leaf that changes before every look of a sync the answer is unstable, after a bounded number of looks; at"
                            + " rest its bits are written anew.",
            source = "grant-v3.md, SYNC-5; SEC-3")
    void writtenAnew(World world) {
        unstableUntilAtRest(
                world,
                tree -> tree.naming(V3Form.SYNC).with(V3Sync.FIRST, INDEX).with(V3Sync.COUNT, 1));
    }

    @Clause(
            id = "RACE-35",
            promise = "So it is with all of a tree at once: at rest all is taken.",
            source = "grant-v3.md, 8.2, phase 1; SEC-3; TREE-44")
    void takenBackAsAWhole(World world) {
        unstableUntilAtRest(world, RevokeForms::revocationOfAll);
    }

    @Clause(
            id = "RACE-36",
            promise = "And with a tree that is destroyed with REVOKE: it stays until its leaves rest.",
            source = "grant-v3.md, 8.2, phase 1; SEC-3; TREE-44")
    void destroyed(World world) {
        unstableUntilAtRest(world, tree -> tree.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE));
    }
}
