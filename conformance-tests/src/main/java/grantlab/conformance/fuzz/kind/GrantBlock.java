package grantlab.conformance.fuzz.kind;

import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Block;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code leaf}: 2 MiB with one entry, in the node above that of the leaves. */
public final class GrantBlock implements Kind {
    /** Entries of that node that are used. The first leads to the node of the leaves, mostly. */
    private static final int ENTRIES = 4;

    /** Nothing to configure. */
    public GrantBlock() {}

    @Override
    public int weight() {
        return 30;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = dice.chance(80) ? scene.grove().treeWhere(one -> fits(scene, one)) : null;
        if (tree == null) {
            Actor granter = scene.actorWhere(Actor::hasBlock);
            Actor grantee = scene.translated();
            if (granter == null || grantee == null) {
                return;
            }
            tree = CreateTree.ofBlocks(scene, granter, dice.chance(80) ? grantee : scene.actor());
        }
        long entry = dice.chance(90) ? dice.between(1, ENTRIES) : 0;
        Grove.Leaf leaf = new Grove.Leaf(tree, entry << Page.ORDER_2M, Page.ORDER_2M, dice.chance(70));
        scene.draft()
                .operation(new Phrase(tree.granter(), "leaf")
                        .with("page", leaf.node())
                        .with("index", leaf.entry())
                        .with("frame", Block.frame(dice.chance(95) ? 0 : dice.below(Block.PAGES)))
                        .with("w", leaf.writable() ? 1 : 0)
                        .with("notify", dice.below(2)));
        tree.grants(leaf);
        Actor grantee = tree.grantee() == Grove.NOBODY ? null : scene.actor(tree.grantee());
        if (grantee != null && grantee.running() && dice.chance(60)) {
            MapBlock.write(scene, grantee, leaf);
        }
    }

    private static boolean fits(Scene scene, Grove.Tree tree) {
        Actor granter = scene.actor(tree.granter());
        return granter != null
                && granter.running()
                && granter.hasBlock()
                && tree.nodes().size() > 1;
    }
}
