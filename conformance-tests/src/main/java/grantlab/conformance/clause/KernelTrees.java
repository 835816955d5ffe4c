package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.GuestTree;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** What a granter's kernel does to its own tree: closes, vacates, watches, grows, prunes. */
@Needs(format = "layout-tree")
final class KernelTrees {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int MOST_LEVELS = 4;
    private static final long INDEX = World.FIRST_INDEX;
    private static final long NONE = -1;

    private static GuestTree tree(World world) {
        return (GuestTree) world.table();
    }

    /** Grants a page of the granter's at an index. @return the reference */
    private static long grant(World world, long index, int page) {
        tree(world).grant(index, World.GRANTEE, world.granter().pageFrame(page), Page.ORDER_4K, READ_WRITE);
        return tree(world).reference(index);
    }

    private static void expectMaps(World world, long reference) {
        Driver driver = new Driver(world.grantee());
        driver.unmap(driver.map(reference, 0, READ_WRITE));
    }

    @Clause(
            id = "TREE-51",
            promise =
                    "A leaf that its granter closes takes no new use and keeps those that it has; it is vacated once, when the last has"
                            + " ended, and its index may be granted again.",
            source = "grant-v3.md, 3 (close, vacate); GuestTree")
    void closedAndVacated(World world) {
        GuestTree tree = tree(world);
        Driver driver = new Driver(world.grantee());
        Expect.holdsNot("closed where there is no leaf", tree.close(INDEX));
        Expect.holdsNot("vacated where there is no leaf", tree.vacate(INDEX));
        long reference = grant(world, INDEX, 0);
        Expect.holdsNot("vacated while it is open", tree.vacate(INDEX));
        MappedGrant mapped = driver.map(reference, 0, READ_WRITE);
        world.step("closed in use");
        Expect.holds("closed", tree.close(INDEX));
        Expect.holdsNot("closed once more", tree.close(INDEX));
        Expect.status("status of another mapping", Status.REVOKED, driver.tryMap(reference, 1, Access.READ));
        Expect.holdsNot("vacated in use", tree.vacate(INDEX));
        world.grantee().store(world.grantee().slot(0), INDEX);
        Sight.value(world.granter(), world.granter().page(0), INDEX);
        world.step("the last use ends");
        driver.unmap(mapped);
        Expect.holds("vacated", tree.vacate(INDEX));
        Expect.holdsNot("vacated once more", tree.vacate(INDEX));
        Expect.status("status of a mapping", Status.BAD_GNTREF, driver.tryMap(reference, 1, Access.READ));
        expectMaps(world, grant(world, INDEX, 1));
    }

    @Clause(
            id = "TREE-52",
            promise =
                    "A leaf that is watched says whether it is in use; while nobody uses it, it is found from every index up to its own,"
                            + " wherever it stands, closed or not, and what is not watched is never found.",
            source = "grant-v3.md, 3 (NOTIFY, lost events); GuestTree")
    void watched(World world) {
        GuestTree tree = tree(world);
        Driver driver = new Driver(world.grantee());
        long far = tree.size() - 1;
        Expect.holdsNot("in use where there is no leaf", tree.watch(INDEX));
        Expect.equal("found before anything is granted", NONE, tree.nextWatchedUnused(0));
        long reference = grant(world, INDEX, 0);
        grant(world, INDEX + 1, 1);
        Expect.equal("found before anything is watched", NONE, tree.nextWatchedUnused(0));
        Expect.holdsNot("in use", tree.watch(INDEX));
        Expect.equal("found from the beginning", INDEX, tree.nextWatchedUnused(0));
        Expect.equal("found from its own index", INDEX, tree.nextWatchedUnused(INDEX));
        Expect.equal("found behind it", NONE, tree.nextWatchedUnused(INDEX + 1));

        world.step("in use");
        MappedGrant mapped = driver.map(reference, 0, READ_WRITE);
        Expect.holds("in use", tree.watch(INDEX));
        Expect.equal("found in use", NONE, tree.nextWatchedUnused(0));

        world.step("another far behind it");
        grant(world, far, 2);
        tree.watch(far);
        Expect.equal("found beside one in use", far, tree.nextWatchedUnused(0));
        driver.unmap(mapped);
        Expect.equal("the first of two", INDEX, tree.nextWatchedUnused(0));
        Expect.equal("the second of two", far, tree.nextWatchedUnused(INDEX + 1));
        Expect.equal("found from the last index", far, tree.nextWatchedUnused(far));
        Expect.equal("found beyond the tree", NONE, tree.nextWatchedUnused(far + 1));
        Expect.holds("closed", tree.close(INDEX));
        Expect.equal("found closed", INDEX, tree.nextWatchedUnused(0));
    }

    @Clause(
            id = "TREE-53",
            promise =
                    "A tree that grows has 512 times the indices, and every reference of before means what it meant; one of four levels"
                            + " grows no more, and stays as it is.",
            source = "grant-v3.md, 3 (GROW); GuestTree")
    void grown(World world) {
        GuestTree tree = tree(world);
        long reference = grant(world, INDEX, 0);
        while (tree.levels() < MOST_LEVELS) {
            int levels = tree.levels();
            long size = tree.size();
            world.step("it grows from " + levels + " levels");
            tree.grow();
            Expect.equal("levels", levels + 1, tree.levels());
            Expect.equal("indices", size << Page.ORDER_2M, tree.size());
            Expect.equal("reference", reference, tree.reference(INDEX));
            expectMaps(world, reference);
            expectMaps(world, grant(world, size, levels));
        }
        boolean refused = false;
        try {
            tree.grow();
        } catch (IllegalStateException e) {
            refused = true;
        }
        Expect.holds("a fifth level is refused", refused);
        Expect.equal("levels", MOST_LEVELS, tree.levels());
        expectMaps(world, reference);
    }

    @Clause(
            id = "TREE-54",
            promise =
                    "Pruning gives back the nodes that hold nothing, each once, and no other; what was pruned is made again when it is"
                            + " wanted.",
            source = "grant-v3.md, 3 (INVALIDATE before a node is reused); GuestTree")
    void pruned(World world) {
        GuestTree tree = tree(world);
        long far = tree.size() - 1;
        int below = tree.levels() - 1;
        long near = grant(world, INDEX, 0);
        expectMaps(world, grant(world, far, 1));
        Expect.equal("nodes given back while each holds something", 0, tree.prune());
        for (int round = 0; round < 2; round++) {
            world.step("the last leaf of the far nodes ends");
            Expect.holds("ended", tree.end(far));
            Expect.equal("nodes given back", below, tree.prune());
            Expect.equal("nodes given back again", 0, tree.prune());
            expectMaps(world, near);
            Expect.status(
                    "status of a mapping where nothing is",
                    Status.BAD_GNTREF,
                    new Driver(world.grantee()).tryMap(tree.reference(far), 0, Access.READ));
            world.step("it is granted once more");
            expectMaps(world, grant(world, far, 2));
            Expect.equal("nodes given back", 0, tree.prune());
        }
    }
}
