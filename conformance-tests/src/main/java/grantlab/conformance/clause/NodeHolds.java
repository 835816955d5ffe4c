package grantlab.conformance.clause;

import static grantlab.conformance.clause.BareTree.MAPPED;
import static grantlab.conformance.clause.BareTree.READ;
import static grantlab.conformance.clause.BareTree.WRITE;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.LeafRun;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Which nodes are held, by whom and until when. */
@Needs(format = "layout-tree")
final class NodeHolds {
    private static final String HOLDS = "TreeTable (keep, release, letGo); grant-v3.md, WALK-2, 7.5";
    private static final int NODE = 1 << V3Entry.LEVEL_BITS;
    private static final int AT = 5;
    private static final long LEAF = 0x4_0000L << V3Entry.FRAME_SHIFT | V3Entry.LEAF | V3Entry.W | V3Entry.DEV;
    private static final long GRANT = BareTree.grant(LEAF);

    @Clause(
            id = "NODE-33",
            promise =
                    "Whoever located a leaf may use its word until the leaf is let go of, whatever is forgotten meanwhile; keep leaves the"
                            + " node held until the leaf comes elsewhere, or lets go.",
            source = HOLDS)
    void heldByItsUser(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            long far = AT + NODE;
            tree.put(AT, LEAF);
            tree.put(far, LEAF);
            Leaf leaf = tree.located(AT);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            Expect.status("status of mark", Status.OKAY, tree.mark(leaf, WRITE));
            Expect.equal("the word", LEAF | MAPPED | V3Entry.W_SEEN, tree.get(AT));
            table.keep(leaf);
            tree.expectHeld(1, AT, 1);
            leaf.letGo();
            tree.expectHeld(1, AT, 0);

            world.step("kept, and then it comes elsewhere");
            tree.put(AT, LEAF);
            tree.locate(AT, leaf);
            table.keep(leaf);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            tree.locate(far, leaf);
            tree.expectHeld(1, AT, 0);
            table.release(leaf);
            table.invalidate(far, 2);
            tree.expectHeld(1, far, 0);

            world.step("kept, and then it comes to what is no grant");
            tree.locate(AT, leaf);
            table.keep(leaf);
            table.invalidate(AT, 2);
            Expect.status("status of locate", Status.BAD_GNTREF, table.locate(far + 1, READ, leaf));
            Expect.holds("no node is kept", leaf.keeper == null);
            tree.expectHeld(1, AT, 0);
            tree.locate(AT, leaf);
            table.keep(leaf);
            table.invalidate(AT, 2);
            Expect.status("status of locate", Status.BAD_GNTREF, table.locate(-1, READ, leaf));
            tree.expectHeld(1, AT, 0);
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-34",
            promise =
                    "Two that hold one node hold it each for itself, and what one keeps is not let go of by the other, nor by ends of uses"
                            + " through it.",
            source = HOLDS)
    void heldTwice(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF);
            tree.put(AT + 1, LEAF);
            Leaf one = tree.located(AT);
            Leaf other = tree.located(AT + 1);
            table.release(one);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            Expect.status("status of mark", Status.OKAY, tree.mark(other, WRITE));
            table.release(other);
            tree.expectHeld(1, AT, 0);

            world.step("the end of a use keeps the node");
            Leaf near = new Leaf();
            table.end(near, AT, Page.ORDER_4K, GRANT);
            table.end(near, AT + 1, Page.ORDER_4K, GRANT);
            table.clear(near, AT, Page.ORDER_4K, GRANT, Access.READ);
            table.end(near, AT, new long[] {GRANT, GRANT}, 0, 2);
            table.invalidate(AT, 2);
            tree.expectHeld(1, AT, 1);
            near.letGo();
            tree.expectHeld(1, AT, 0);
            Expect.equal("the word", LEAF | V3Entry.W_SEEN, tree.get(AT + 1));
            world.step("verbs without one keep nothing");
            table.end(AT, Page.ORDER_4K, GRANT);
            table.clear(AT, Page.ORDER_4K, GRANT, Access.READ);
            table.protect(AT, Page.ORDER_4K, GRANT);
            table.close(AT, Page.ORDER_4K, GRANT);
            table.attached(AT, Page.ORDER_4K, true);
            table.synchronise(AT, Page.ORDER_4K, GRANT, 0);
            tree.expectForgotten();
        });
    }

    @Clause(
            id = "NODE-35",
            promise =
                    "A node that is kept is gone by no more once its table entry changed and was invalidated: locate, look, clear and end go"
                            + " by the new way.",
            source = HOLDS + ", TLB-4")
    void keptTooLong(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF | MAPPED);
            for (int level = 2; level <= levels; level++) {
                long way = tree.get(level, AT);
                Leaf near = tree.located(AT);
                table.keep(near);
                tree.put(level, AT, 0);
                table.invalidate(AT, level);
                Expect.equal("leaves", 0, table.look(near, AT, 1, READ, new LeafRun()));
                Expect.holdsNot("told", table.end(near, AT, Page.ORDER_4K, GRANT));
                Expect.equal("told of", 0, table.end(near, AT, new long[] {GRANT}, 0, 1));
                table.clear(near, AT, Page.ORDER_4K, GRANT, BareTree.BOTH);
                Expect.equal("the word of before", LEAF | MAPPED, tree.get(AT));
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, near));
                Expect.holds("no node is kept", near.keeper == null);
                tree.put(level, AT, way);
            }
            tree.expectForgotten();
        });
    }

    @Needs(granter = "translated")
    @Clause(
            id = "NODE-36",
            promise =
                    "When the number of a node means another page the words there count, for whoever keeps the node too; the old page is let"
                            + " go of.",
            source = HOLDS)
    void anotherPage(World world) {
        PhysicalMap map = world.granter().domain().physicalMap();
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            TreeTable table = tree.table();
            tree.put(AT, LEAF | MAPPED);
            long node = tree.node(1, AT);
            long old = map.machineFrame(node);
            long spare = tree.page();
            long page = map.machineFrame(spare);
            for (int invalidations = 0; invalidations < 4; invalidations++) {
                Leaf kept = tree.located(AT);
                table.keep(kept);
                table.release(tree.located(AT));
                map.set(node, page, Page.ORDER_4K, PhysicalMap.RAM_RW);
                map.set(spare, old, Page.ORDER_4K, PhysicalMap.RAM_RW);
                for (int n = 0; n < invalidations; n++) {
                    table.invalidate(AT + NODE, 2);
                }
                Expect.equal("leaves", 0, table.look(kept, AT, 1, READ, new LeafRun()));
                table.end(kept, AT, Page.ORDER_4K, GRANT);
                table.end(AT, Page.ORDER_4K, GRANT);
                long word = world.machine().memory().load64(Page.address(old) + AT * (long) V3Entry.SIZE);
                Expect.equal("the old word", LEAF | MAPPED, word);
                Expect.status("status of locate", Status.BAD_GNTREF, table.locate(AT, READ, kept));
                tree.put(AT, LEAF);
                table.release(tree.located(AT));
                tree.put(AT, 0);
                map.set(node, old, Page.ORDER_4K, PhysicalMap.RAM_RW);
                map.set(spare, page, Page.ORDER_4K, PhysicalMap.RAM_RW);
            }
            Expect.equal("the old word", LEAF | MAPPED, tree.get(AT));
            table.release(tree.located(AT));
            tree.expectForgotten();
        });
    }
}
