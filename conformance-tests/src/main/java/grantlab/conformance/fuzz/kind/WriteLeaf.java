package grantlab.conformance.fuzz.kind;

import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code leaf}: a granter grants an index, mostly one of the first. */
public final class WriteLeaf implements Kind {
    private static final int USUAL_INDICES = 12;

    /** Nothing to configure. */
    public WriteLeaf() {}

    @Override
    public int weight() {
        return 200;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        Actor granter = tree == null ? null : scene.actor(tree.granter());
        if (tree == null || granter == null || !granter.running()) {
            return;
        }
        long index = dice.chance(95) ? dice.below(USUAL_INDICES) : dice.oneOf(15, 16, 510, 511);
        boolean writable = dice.chance(70);
        boolean large = dice.chance(4) && tree.nodes().size() > 1;
        String page = large ? tree.nodes().get(tree.nodes().size() - 2) : tree.lowest();
        Phrase phrase = new Phrase(granter.domid(), "leaf")
                .with("page", page)
                .with("index", large ? dice.below(2) : index)
                .with("frame", frame(scene, granter, tree, large))
                .with("w", writable ? 1 : 0);
        if (dice.chance(30)) {
            phrase.with("gen", dice.below(16));
        }
        if (dice.chance(30)) {
            phrase.with("notify", 1);
        }
        if (dice.chance(8)) {
            phrase.with(
                    dice.one("copy_only", "dev", "reserved", "extension", "attached", "mapped_r", "mapped_w", "w_seen"),
                    1);
        }
        scene.draft().operation(phrase);
        tree.grants(new Grove.Leaf(tree, index, Page.ORDER_4K, writable));
    }

    private static String frame(Scene scene, Actor granter, Grove.Tree tree, boolean large) {
        Dice dice = scene.dice();
        if (large) {
            // Where the laboratory's PVH guests have their memory, in a row.
            return dice.one("0x40000", "0x40000", "0x40010", "0");
        }
        // A node that is granted too gives the pen away.
        return dice.chance(97) ? scene.frame(granter) : dice.any(tree.nodes());
    }
}
