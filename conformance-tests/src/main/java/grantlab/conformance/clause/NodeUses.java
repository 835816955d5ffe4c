package grantlab.conformance.clause;

import static grantlab.conformance.clause.BareTree.BOTH;
import static grantlab.conformance.clause.BareTree.MAPPED;
import static grantlab.conformance.clause.BareTree.READ;
import static grantlab.conformance.clause.BareTree.WRITE;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** mark, clear and end: uses of one leaf, whose word the granter may change at any moment. */
@Needs(format = "layout-tree")
final class NodeUses {
    private static final String MARK = "TreeTable (mark); grant-v3.md, 7.4";
    private static final String CLEAR = "TreeTable (clear, end); grant-v3.md, 7.2, 7.4";
    private static final long GENERATION = 0x3L << V3Entry.GEN_SHIFT;
    private static final long LEAF =
            0x4_0000L << V3Entry.FRAME_SHIFT | V3Entry.LEAF | V3Entry.W | V3Entry.DEV | GENERATION | V3Entry.SW_MASK;
    private static final long GRANT = BareTree.grant(LEAF);
    private static final int HIGHEST_LEAF = 3;

    /** Where the granter stands in between: more often than any attempt. */
    private static final int ATTEMPTS = 4;

    /** One look at a leaf: the tree, its level, its index. */
    private interface Look {
        void at(BareTree tree, int level, long index);
    }

    /** With a leaf of each order in trees of each height. */
    private static void eachLeaf(World world, Look look) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            for (int level = 1; level <= Math.min(levels, HIGHEST_LEAF); level++) {
                long index = RawTree.span(levels) - (1L << BareTree.order(level));
                long before = tree.get(level, index);
                tree.put(level, index, LEAF);
                look.at(tree, level, index);
                tree.put(level, index, before);
                tree.expectForgotten();
            }
        });
    }

    @Clause(
            id = "NODE-13",
            promise =
                    "mark sets the bits of the use, and W_SEEN with a writer's; nothing else of the word changes, and what is marked stays"
                            + " marked.",
            source = MARK)
    void marked(World world) {
        eachLeaf(world, (tree, level, index) -> {
            Leaf leaf = tree.located(index);
            Expect.status("status of mark", Status.OKAY, tree.mark(leaf, READ));
            Expect.equal("the word of a reader", LEAF | V3Entry.MAPPED_R, tree.get(level, index));
            Expect.status("status of mark", Status.OKAY, tree.mark(leaf, WRITE));
            long written = LEAF | MAPPED | V3Entry.W_SEEN;
            Expect.equal("the word of a writer", written, tree.get(level, index));
            Expect.status("status of mark", Status.OKAY, tree.mark(leaf, READ));
            Expect.equal("the word of another reader", written, tree.get(level, index));
            world.step("the granter clears its trace");
            tree.put(level, index, written & ~V3Entry.W_SEEN);
            Expect.status("status of mark", Status.OKAY, tree.mark(leaf, WRITE));
            Expect.equal("the word of another writer", written, tree.get(level, index));
            tree.table().release(leaf);
        });
    }

    @Clause(
            id = "NODE-14",
            promise = "mark judges the word as it stands now, and marks nothing that it refuses.",
            source = MARK)
    void judgedNow(World world) {
        int device = READ | Access.DEVICE;
        int copy = Access.READ | Access.COPY;
        eachLeaf(world, (tree, level, index) -> {
            Leaf leaf = tree.located(index);
            long frame = 1L << (V3Entry.FRAME_SHIFT + BareTree.order(level));
            expectMark(tree, leaf, level, BareTree.type(LEAF, V3Entry.EMPTY), READ, Status.BAD_GNTREF);
            expectMark(tree, leaf, level, BareTree.type(LEAF, V3Entry.TABLE), READ, Status.UNSTABLE);
            expectMark(tree, leaf, level, BareTree.type(LEAF, V3Entry.TOMBSTONE), READ, Status.REVOKED);
            for (int bit : new int[] {6, 7, 8, 63}) {
                expectMark(tree, leaf, level, LEAF | 1L << bit, READ, Status.BAD_GNTREF);
            }
            expectMark(tree, leaf, level, LEAF ^ frame, READ, Status.UNSTABLE);
            for (int bit = 0; bit < 4; bit++) {
                expectMark(tree, leaf, level, LEAF ^ 1L << (V3Entry.GEN_SHIFT + bit), READ, Status.UNSTABLE);
            }
            expectMark(tree, leaf, level, LEAF & ~V3Entry.W, WRITE, Status.PERMISSION_DENIED);
            expectMark(tree, leaf, level, LEAF & ~V3Entry.W, READ, Status.OKAY);
            expectMark(tree, leaf, level, LEAF & ~V3Entry.DEV, device, Status.PERMISSION_DENIED);
            expectMark(tree, leaf, level, LEAF & ~V3Entry.DEV, READ, Status.OKAY);
            expectMark(tree, leaf, level, LEAF, device, Status.OKAY);
            expectMark(tree, leaf, level, LEAF | V3Entry.COPY_ONLY, READ, Status.PERMISSION_DENIED);
            expectMark(tree, leaf, level, LEAF | V3Entry.COPY_ONLY, copy, Status.OKAY);
            expectMark(tree, leaf, level, LEAF ^ V3Entry.SW_MASK, READ, Status.OKAY);
            expectMark(tree, leaf, level, LEAF | V3Entry.NOTIFY, WRITE, Status.OKAY);
            tree.table().release(leaf);
        });
    }

    private static void expectMark(BareTree tree, Leaf leaf, int level, long word, int access, int status) {
        tree.put(level, leaf.key, word);
        Expect.status("status of mark, word 0x" + Long.toHexString(word), status, tree.mark(leaf, access));
        long marks = Access.writes(access) ? MAPPED | V3Entry.W_SEEN : V3Entry.MAPPED_R;
        Expect.equal("the word", status == Status.OKAY ? word | marks : word, tree.get(level, leaf.key));
    }

    @Clause(
            id = "NODE-15",
            promise = "mark goes by the masks of the way by which the leaf was located too.",
            source = MARK + "; I11")
    void masked(World world) {
        BareTree.ofEachHeight(world, 2, (tree, levels) -> {
            tree.put(5, LEAF);
            tree.put(2, 5, tree.get(2, 5) & ~V3Entry.W);
            tree.table().invalidate(5, 2);
            Leaf leaf = tree.located(5);
            Expect.status("status of a writer's mark", Status.PERMISSION_DENIED, tree.mark(leaf, WRITE));
            Expect.status("status of a reader's mark", Status.OKAY, tree.mark(leaf, READ | Access.DEVICE));
            Expect.equal("the word", LEAF | V3Entry.MAPPED_R, tree.get(5));
            tree.table().release(leaf);
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-16",
            promise =
                    "A word that changes under the compare-exchange of mark is unstable, and keeps what the granter stored; what is marked"
                            + " already is not stored again.",
            source = MARK)
    void changedUnderTheMark(World world) {
        eachLeaf(world, (tree, level, index) -> {
            Leaf leaf = tree.located(index);
            long other = LEAF | V3Entry.NOTIFY;
            for (int access : new int[] {READ, WRITE}) {
                int[] status = new int[1];
                tree.put(level, index, LEAF);
                boolean came = world.interruption()
                        .before(1, () -> tree.put(level, index, other), () -> status[0] = tree.mark(leaf, access));
                Expect.holds("a look and an exchange", came);
                Expect.status("status of mark", Status.UNSTABLE, status[0]);
                Expect.equal("the word", other, tree.get(level, index));
                Expect.status("status of mark", Status.OKAY, tree.mark(leaf, access));
                int looks = world.interruption().throughout(() -> {}, () -> status[0] = tree.mark(leaf, access));
                Expect.status("status of mark", Status.OKAY, status[0]);
                Expect.equal("looks at a word that is marked", 1, looks);
            }
            tree.table().release(leaf);
        });
    }

    @Clause(
            id = "NODE-17",
            promise =
                    "clear takes the bits that no use justifies, of a leaf and of the tombstone of the same grant; where writing ends W_SEEN"
                            + " stays. Another grant, an empty entry and a table entry are left alone.",
            source = CLEAR)
    void cleared(World world) {
        eachLeaf(world, (tree, level, index) -> {
            int order = (int) BareTree.order(level);
            for (int type : new int[] {V3Entry.LEAF, V3Entry.TOMBSTONE}) {
                long unmarked = BareTree.type(LEAF, type);
                for (int unused : new int[] {Access.READ, Access.WRITE, BOTH}) {
                    for (long before : new long[] {V3Entry.MAPPED_R, MAPPED, MAPPED | V3Entry.W_SEEN}) {
                        expectCleared(tree, level, index, unmarked | before, GRANT, unused);
                    }
                }
            }
            for (long other : new long[] {
                BareTree.type(LEAF, V3Entry.EMPTY) | MAPPED,
                BareTree.type(LEAF, V3Entry.TABLE) | MAPPED,
                (LEAF ^ 1L << V3Entry.GEN_SHIFT) | MAPPED,
                (LEAF ^ 1L << V3Entry.FRAME_SHIFT) | MAPPED
            }) {
                Leaf near = new Leaf();
                tree.put(level, index, other);
                tree.table().clear(index, order, GRANT, BOTH);
                tree.table().clear(near, index, order, GRANT, BOTH);
                Expect.holdsNot("told", tree.table().end(index, order, GRANT));
                Expect.holdsNot("told", tree.table().end(near, index, order, GRANT));
                near.letGo();
                Expect.equal("the word", other, tree.get(level, index));
            }
        });
    }

    /** By itself, and by way of a node that is kept: before there is one, and with it. */
    private static void expectCleared(BareTree tree, int level, long index, long word, long grant, int unused) {
        int order = (int) BareTree.order(level);
        long bits = ((unused & Access.READ) != 0 ? V3Entry.MAPPED_R : 0)
                | ((unused & Access.WRITE) != 0 ? V3Entry.MAPPED_W : 0);
        long seen = (word & bits & V3Entry.MAPPED_W) != 0 ? V3Entry.W_SEEN : 0;
        long after = (word & ~bits) | seen;
        tree.put(level, index, word);
        tree.table().clear(index, order, grant, unused);
        Expect.equal("the word", after, tree.get(level, index));
        Leaf near = new Leaf();
        for (int time = 0; time < 2; time++) {
            tree.put(level, index, word);
            tree.table().clear(near, index, order, grant, unused);
            Expect.equal("the word, by way of a node", after, tree.get(level, index));
        }
        near.letGo();
        Expect.holds("no node is kept", near.keeper == null);
    }

    @Clause(
            id = "NODE-18",
            promise =
                    "end takes all bits of uses and says whether the granter asks to be told, of a leaf and of its tombstone, of each"
                            + " order, with and without a node that is kept.",
            source = CLEAR)
    void ended(World world) {
        eachLeaf(world, (tree, level, index) -> {
            int order = (int) BareTree.order(level);
            TreeTable table = tree.table();
            Leaf near = new Leaf();
            for (int type : new int[] {V3Entry.LEAF, V3Entry.TOMBSTONE}) {
                for (long notify : new long[] {0, V3Entry.NOTIFY}) {
                    for (long marks : new long[] {V3Entry.MAPPED_R, MAPPED}) {
                        long unmarked = BareTree.type(LEAF, type) | notify;
                        long after = unmarked | (marks == MAPPED ? V3Entry.W_SEEN : 0);
                        boolean told = notify != 0;
                        tree.put(level, index, unmarked | marks);
                        Expect.equal("told", told, table.end(index, order, GRANT));
                        Expect.equal("the word", after, tree.get(level, index));
                        tree.put(level, index, unmarked | marks);
                        Expect.equal("told, by way of a node", told, table.end(near, index, order, GRANT));
                        Expect.equal("the word", after, tree.get(level, index));
                    }
                }
            }
            near.letGo();
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-19",
            promise =
                    "Whoever clears its trace, asks to be told, or closes the leaf before any access of an end is heard: there is a trace,"
                            + " it is told, and no bit that it stored is lost.",
            source = CLEAR)
    void changedUnderTheEnd(World world) {
        eachLeaf(world, (tree, level, index) -> {
            int order = (int) BareTree.order(level);
            for (long marks : new long[] {V3Entry.MAPPED_R, MAPPED}) {
                boolean came = true;
                for (int moment = 0; came; moment++) {
                    tree.put(level, index, LEAF | marks);
                    boolean[] told = new boolean[1];
                    boolean[] late = new boolean[1];
                    came = world.interruption()
                            .before(
                                    moment,
                                    () -> {
                                        long now = tree.get(level, index);
                                        late[0] = (now & MAPPED) == 0;
                                        tree.put(
                                                level,
                                                index,
                                                (BareTree.type(now, V3Entry.TOMBSTONE) & ~V3Entry.W_SEEN)
                                                        | V3Entry.NOTIFY);
                                    },
                                    () -> told[0] = tree.table().end(index, order, GRANT));
                    if (came) {
                        Expect.equal("told, asked before access " + moment, !late[0], told[0]);
                        long trace = marks == MAPPED && !late[0] ? V3Entry.W_SEEN : 0;
                        long tombstone = BareTree.type(LEAF, V3Entry.TOMBSTONE) | V3Entry.NOTIFY;
                        Expect.equal("the word", tombstone | trace, tree.get(level, index));
                    }
                }
            }
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-20",
            promise =
                    "A word that another grant replaces before any access of clear or end keeps the other's marks; one that never rests is"
                            + " cleared all the same after four attempts, with its trace.",
            source = CLEAR + "; PIN-6")
    void neverAtRest(World world) {
        long other = (LEAF ^ 1L << V3Entry.GEN_SHIFT) | MAPPED;
        eachLeaf(world, (tree, level, index) -> {
            int order = (int) BareTree.order(level);
            int way = tree.way(level, index);
            for (int moment = way; moment < way + 2; moment++) {
                tree.put(level, index, LEAF | MAPPED | V3Entry.NOTIFY);
                boolean[] told = new boolean[1];
                world.interruption()
                        .before(
                                moment,
                                () -> tree.put(level, index, other),
                                () -> told[0] = tree.table().end(index, order, GRANT));
                Expect.holdsNot("told", told[0]);
                Expect.equal("the word", other, tree.get(level, index));
            }
            for (int changes = 0; changes <= ATTEMPTS + 2; changes++) {
                tree.put(level, index, LEAF | MAPPED);
                tree.restless(level, index, changes, () -> tree.table().clear(index, order, GRANT, BOTH));
                long word = tree.get(level, index);
                Expect.bits("marks", MAPPED, 0, word);
                Expect.bits("the trace", V3Entry.W_SEEN, V3Entry.W_SEEN, word);
                Expect.equal("the rest", LEAF, word & ~(V3Entry.W_SEEN | V3Entry.NOTIFY));
            }
        });
    }
}
