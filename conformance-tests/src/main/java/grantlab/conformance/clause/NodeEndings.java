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
import java.util.List;
import java.util.function.IntSupplier;

/** close, protect, attached and synchronise: what revocation does to a word that the granter may change at any moment. */
@Needs(format = "layout-tree")
final class NodeEndings {
    private static final String SOURCE = "TreeTable (close, protect, attached, synchronise); grant-v3.md, 8";
    private static final long LEAF = 0x4_0000L << V3Entry.FRAME_SHIFT
            | V3Entry.LEAF
            | V3Entry.W
            | V3Entry.DEV
            | 0x9L << V3Entry.GEN_SHIFT
            | V3Entry.SW_MASK;
    private static final long TOMBSTONE = BareTree.type(LEAF, V3Entry.TOMBSTONE);
    private static final long GRANT = BareTree.grant(LEAF);
    private static final int HIGHEST_LEAF = 3;

    /** So often a word is looked at (PIN-6). */
    private static final int ATTEMPTS = 4;

    /** What is no leaf of the grant any more. */
    private static final List<Long> OTHERS = List.of(
            0L,
            BareTree.type(LEAF, V3Entry.EMPTY),
            BareTree.type(LEAF, V3Entry.TABLE),
            LEAF ^ 1L << V3Entry.GEN_SHIFT,
            LEAF ^ 1L << V3Entry.FRAME_SHIFT);

    private interface Look {
        void at(BareTree tree, int level, long index, int order);
    }

    private static void eachLeaf(World world, Look look) {
        BareTree.ofEachHeight(world, 1, (tree, levels) -> {
            for (int level = 1; level <= Math.min(levels, HIGHEST_LEAF); level++) {
                long index = RawTree.span(levels) - (1L << BareTree.order(level));
                long before = tree.get(level, index);
                tree.put(level, index, LEAF);
                look.at(tree, level, index, (int) BareTree.order(level));
                tree.put(level, index, before);
                tree.expectForgotten();
            }
        });
    }

    @Clause(
            id = "NODE-26",
            promise =
                    "close makes a leaf its tombstone, protect takes W from it, and nothing else of the word changes; another grant, and"
                            + " what is a tombstone already, are left alone, and that is no failure.",
            source = SOURCE)
    void closedAndProtected(World world) {
        eachLeaf(world, (tree, level, index, order) -> {
            TreeTable table = tree.table();
            for (long marks : new long[] {0, V3Entry.MAPPED_R, MAPPED | V3Entry.NOTIFY}) {
                tree.put(level, index, LEAF | marks);
                Expect.status("status of close", Status.OKAY, table.close(index, order, GRANT));
                Expect.equal("closed", TOMBSTONE | marks, tree.get(level, index));
                tree.put(level, index, LEAF | marks);
                Expect.status("status of protect", Status.OKAY, table.protect(index, order, GRANT));
                Expect.equal("protected", (LEAF & ~V3Entry.W) | marks, tree.get(level, index));
                Expect.status("status of protect", Status.OKAY, table.protect(index, order, GRANT));
                Expect.equal("protected again", (LEAF & ~V3Entry.W) | marks, tree.get(level, index));
            }
            for (long other : OTHERS) {
                tree.put(level, index, other);
                Expect.status("status of close", Status.OKAY, table.close(index, order, GRANT));
                Expect.status("status of protect", Status.OKAY, table.protect(index, order, GRANT));
                Expect.equal("another grant", other, tree.get(level, index));
            }
            tree.put(level, index, TOMBSTONE);
            Expect.status("status of close", Status.OKAY, table.close(index, order, GRANT));
            Expect.status("status of protect", Status.OKAY, table.protect(index, order, GRANT));
            Expect.equal("a tombstone", TOMBSTONE, tree.get(level, index));
        });
    }

    @Clause(
            id = "NODE-27",
            promise = "A closed leaf is marked by nobody who located it before, a protected one by no writer.",
            source = SOURCE)
    void noUseAfterwards(World world) {
        eachLeaf(world, (tree, level, index, order) -> {
            Leaf leaf = tree.located(index);
            tree.table().protect(index, order, leaf.snapshot);
            Expect.status("status of a writer's mark", Status.PERMISSION_DENIED, tree.mark(leaf, WRITE));
            Expect.status("status of a reader's mark", Status.OKAY, tree.mark(leaf, READ));
            tree.table().close(index, order, leaf.snapshot);
            Expect.status("status of a reader's mark", Status.REVOKED, tree.mark(leaf, READ));
            tree.table().release(leaf);
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-28",
            promise =
                    "close, protect and synchronise look four times at a word that changes under them: then they say that it is unstable,"
                            + " and have changed nothing.",
            source = SOURCE + "; PIN-6")
    void restless(World world) {
        eachLeaf(world, (tree, level, index, order) -> {
            TreeTable table = tree.table();
            for (int changes = 0; changes <= ATTEMPTS + 1; changes++) {
                int status = changes < ATTEMPTS ? Status.OKAY : Status.UNSTABLE;
                boolean done = status == Status.OKAY;
                restless(tree, level, index, changes, LEAF, status, () -> table.close(index, order, GRANT));
                expectRest("closed", tree, level, index, done ? TOMBSTONE : LEAF);
                restless(tree, level, index, changes, LEAF, status, () -> table.protect(index, order, GRANT));
                expectRest("protected", tree, level, index, done ? LEAF & ~V3Entry.W : LEAF);
                restless(
                        tree,
                        level,
                        index,
                        changes,
                        LEAF | V3Entry.MAPPED_R,
                        status,
                        () -> table.synchronise(index, order, GRANT, 0));
                expectRest("synchronised", tree, level, index, done ? LEAF : LEAF | V3Entry.MAPPED_R);
            }
        });
    }

    private static void restless(
            BareTree tree, int level, long index, int changes, long word, int status, IntSupplier verb) {
        int[] got = new int[1];
        tree.put(level, index, word);
        tree.restless(level, index, changes, () -> got[0] = verb.getAsInt());
        Expect.status("status after " + changes + " changes", status, got[0]);
    }

    private static void expectRest(String what, BareTree tree, int level, long index, long word) {
        Expect.equal(what, word, tree.get(level, index) & ~V3Entry.NOTIFY);
    }

    @Interruptible
    @Clause(
            id = "NODE-29",
            promise =
                    "Another grant that comes before any access of close, protect, synchronise or attached is left as the granter stored it,"
                            + " and that is no failure.",
            source = SOURCE)
    void replacedMeanwhile(World world) {
        eachLeaf(world, (tree, level, index, order) -> {
            TreeTable table = tree.table();
            long other = (LEAF ^ 1L << V3Entry.GEN_SHIFT) | V3Entry.MAPPED_W;
            int way = tree.way(level, index);
            for (int moment = way; moment < way + 2; moment++) {
                replaced(world, tree, level, index, moment, LEAF, other, () -> table.close(index, order, GRANT));
                replaced(world, tree, level, index, moment, LEAF, other, () -> table.protect(index, order, GRANT));
                replaced(
                        world,
                        tree,
                        level,
                        index,
                        moment,
                        LEAF | MAPPED,
                        other,
                        () -> table.synchronise(index, order, GRANT, Access.READ));
                for (boolean held : new boolean[] {true, false}) {
                    replaced(world, tree, level, index, moment, TOMBSTONE | V3Entry.ATTACHED, other, () -> {
                        table.attached(index, order, held);
                        return Status.OKAY;
                    });
                }
            }
        });
    }

    private static void replaced(
            World world, BareTree tree, int level, long index, int moment, long word, long other, IntSupplier verb) {
        int[] got = new int[1];
        tree.put(level, index, word);
        boolean came = world.interruption()
                .before(moment, () -> tree.put(level, index, other), () -> got[0] = verb.getAsInt());
        Expect.holds("a look and an exchange", came);
        Expect.status("status", Status.OKAY, got[0]);
        Expect.equal("the word", other, tree.get(level, index));
    }

    @Clause(
            id = "NODE-30",
            promise =
                    "attached sets ATTACHED and takes the marks of a tombstone in one step, and takes ATTACHED from it; what is no tombstone"
                            + " is left alone.",
            source = SOURCE)
    void attached(World world) {
        eachLeaf(world, (tree, level, index, order) -> {
            TreeTable table = tree.table();
            for (long marks : new long[] {0, V3Entry.MAPPED_R, MAPPED, MAPPED | V3Entry.W_SEEN}) {
                boolean written = (marks & (V3Entry.MAPPED_W | V3Entry.W_SEEN)) != 0;
                long seen = written ? V3Entry.W_SEEN : 0;
                tree.put(level, index, TOMBSTONE | marks | V3Entry.NOTIFY);
                table.attached(index, order, true);
                long after = TOMBSTONE | V3Entry.NOTIFY | V3Entry.ATTACHED | seen;
                Expect.equal("the grantee holds it", after, tree.get(level, index));
                table.attached(index, order, false);
                Expect.equal("it has let go", after & ~V3Entry.ATTACHED, tree.get(level, index));
                tree.put(level, index, TOMBSTONE | V3Entry.ATTACHED | marks);
                table.attached(index, order, false);
                Expect.equal("its marks stay", TOMBSTONE | marks, tree.get(level, index));
            }
            for (long other : new long[] {LEAF | MAPPED, 0, BareTree.type(LEAF, V3Entry.TABLE)}) {
                tree.put(level, index, other);
                table.attached(index, order, true);
                table.attached(index, order, false);
                Expect.equal("no tombstone", other, tree.get(level, index));
            }
        });
    }

    @Interruptible
    @Clause(
            id = "NODE-31",
            promise =
                    "Against a tombstone that changes before every look ATTACHED goes all the same, and does not come: the marks stay then,"
                            + " so that the granter never sees the index free.",
            source = SOURCE + ", 19 (four attempts)")
    void restlessTombstone(World world) {
        eachLeaf(world, (tree, level, index, order) -> {
            TreeTable table = tree.table();
            for (int changes = 0; changes <= ATTEMPTS + 1; changes++) {
                tree.put(level, index, TOMBSTONE | MAPPED);
                tree.restless(level, index, changes, () -> table.attached(index, order, true));
                long came = TOMBSTONE | V3Entry.ATTACHED | V3Entry.W_SEEN;
                expectRest("held", tree, level, index, changes < ATTEMPTS ? came : TOMBSTONE | MAPPED);
                tree.put(level, index, TOMBSTONE | V3Entry.ATTACHED);
                tree.restless(level, index, changes, () -> table.attached(index, order, false));
                expectRest("let go of", tree, level, index, TOMBSTONE);
            }
            world.step("after the last look it is another's leaf");
            long other = LEAF ^ 1L << V3Entry.GEN_SHIFT;
            int last = tree.way(level, index) + ATTEMPTS;
            int[] access = new int[1];
            tree.put(level, index, TOMBSTONE | V3Entry.ATTACHED);
            world.interruption()
                    .throughout(
                            () -> tree.put(
                                    level,
                                    index,
                                    access[0]++ < last
                                            ? tree.get(level, index) ^ V3Entry.NOTIFY
                                            : other | V3Entry.MAPPED_R),
                            () -> table.attached(index, order, false));
            Expect.equal("the other's", other | V3Entry.MAPPED_R, tree.get(level, index));
        });
    }

    @Clause(
            id = "NODE-32",
            promise =
                    "synchronise writes the marks of a leaf or a tombstone as the uses are, with a trace where there was or is a writer;"
                            + " another grant is left alone.",
            source = SOURCE + "; grant-v3.md, 7.6")
    void synchronised(World world) {
        eachLeaf(world, (tree, level, index, order) -> {
            TreeTable table = tree.table();
            for (long base : new long[] {LEAF, TOMBSTONE}) {
                for (long marks : new long[] {0, V3Entry.MAPPED_R, V3Entry.MAPPED_W, MAPPED}) {
                    for (int uses : new int[] {0, Access.READ, Access.WRITE, BOTH}) {
                        long now = ((uses & Access.READ) != 0 ? V3Entry.MAPPED_R : 0)
                                | ((uses & Access.WRITE) != 0 ? V3Entry.MAPPED_W : 0);
                        long seen = ((marks | now) & V3Entry.MAPPED_W) != 0 ? V3Entry.W_SEEN : 0;
                        tree.put(level, index, base | marks);
                        Expect.status(
                                "status of synchronise", Status.OKAY, table.synchronise(index, order, GRANT, uses));
                        Expect.equal("the word", base | now | seen, tree.get(level, index));
                    }
                }
            }
            for (long other : OTHERS) {
                tree.put(level, index, other);
                Expect.status("status of synchronise", Status.OKAY, table.synchronise(index, order, GRANT, BOTH));
                Expect.equal("another grant", other, tree.get(level, index));
            }
        });
    }
}
