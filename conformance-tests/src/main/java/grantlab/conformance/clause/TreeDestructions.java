package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.memory.FrameTable;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** v3_tree_destroy: in use, by force, and what comes back. */
@Needs(format = "layout-tree")
final class TreeDestructions {
    private static final long INDEX = 5;

    @Clause(
            id = "TREE-40",
            promise = "What is wrong with a destruction is found in the order of the rules; then the tree goes.",
            source = "grant-v3.md, TREE-40, TREE-41")
    void destroyOrder(World world) {
        RawTree tree = RawTree.of(world);
        new Faults()
                .then(Status.UNSUPPORTED, call -> call.and(1L << 31))
                .then(Status.INVAL, V3TreeDestroy.ZERO_12, 1)
                .then(Status.INVAL, V3TreeDestroy.DONE, 1)
                .then(Status.BAD_TREE, V3TreeDestroy.SLOT, 0)
                .then(Status.STALE, V3TreeDestroy.GEN, tree.generation() + 1)
                .tryEach(world.granter(), tree.naming(V3Form.TREE_DESTROY));
        Expect.status(Status.BAD_TREE, world.granter().call(tree.naming(V3Form.TREE_DESTROY)));
    }

    @Clause(
            id = "TREE-41",
            promise = "A tree with a leaf in use is busy and as good as before; with the last unmap it can go, and its"
                    + " references are those of no tree.",
            source = "grant-v3.md, TREE-42")
    void destroyInUse(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        V3Call destroy = tree.naming(V3Form.TREE_DESTROY);
        V3Answer first = driver.hold(ref, 1, 0);
        V3Answer second = driver.hold(ref, 2, 0);
        Expect.status(Status.BUSY, granter.call(destroy));
        driver.letGo(first);
        Expect.status(Status.BUSY, granter.call(destroy));
        driver.expectMaps(ref);
        driver.letGo(second);
        Expect.okay(granter.call(destroy));
        driver.expectRefused(Status.BAD_TREE, ref);
        Expect.bits("type of the leaf", V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(INDEX));
    }

    @Clause(
            id = "TREE-42",
            promise = "Destroying by force needs a tree of which everything may be taken back: another stays.",
            source = "grant-v3.md, TREE-43")
    void destroyByForce(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, 0), 0, 0);
        Expect.status(
                Status.NOT_REVOCABLE,
                granter.call(tree.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE)));
        Sight.value(world.grantee(), world.grantee().slot(0), 0);
        driver.letGo(mapped);
        Expect.okay(granter.call(tree.naming(V3Form.TREE_DESTROY)));
    }

    @Clause(
            id = "TREE-43",
            promise = "A destroyed tree holds none of the granter's memory, nodes in the cache included.",
            source = "grant-v3.md, TREE-42, 7.5")
    void destroyReleases(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        RawTree tree = RawTree.of(world);
        long ref = tree.grant(INDEX, 0, 0);
        new TreeDriver(world.grantee()).expectMaps(ref);
        Expect.okay(granter.call(tree.naming(V3Form.TREE_DESTROY)));
        for (int level = 1; level <= tree.levels(); level++) {
            long frame = granter.kernel().frameOf(tree.node(level, INDEX));
            long mfn = granter.domain().physicalMap().machineFrame(frame);
            Expect.equal("references on the node of level " + level, world.references(0), frames.references(mfn));
        }
    }
}
