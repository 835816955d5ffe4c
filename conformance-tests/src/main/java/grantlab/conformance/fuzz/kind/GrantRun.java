package grantlab.conformance.fuzz.kind;

import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code leaf} with {@code run}: leaves beside one another, {@code v3_map} of them in one element, and of one of them once more. */
public final class GrantRun implements Kind {
    private static final int LAST = 40;
    private static final int OCTET = 8;

    /** Of more the set has an index. */
    private static final int LISTED = 16;

    private static final int MOST = 26;

    /** Nothing to configure. */
    public GrantRun() {}

    @Override
    public int weight() {
        return 40;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        Actor granter = tree == null ? null : scene.actor(tree.granter());
        if (tree == null || granter == null || !granter.running()) {
            return;
        }
        long first = dice.chance(70) ? OCTET * dice.below(LAST / OCTET) : dice.below(LAST);
        int count = dice.chance(70) ? dice.between(LISTED + 1, MOST) : dice.between(2, LISTED);
        boolean writable = dice.chance(70);
        Phrase phrase = new Phrase(granter.domid(), "leaf")
                .with("page", tree.lowest())
                .with("index", first)
                .with("frame", dice.chance(90) ? "p" + dice.below(4) : scene.frame(granter))
                .with("run", count)
                .with("w", writable ? 1 : 0);
        if (dice.chance(30)) {
            phrase.with("notify", 1);
        }
        scene.draft().operation(phrase);
        for (int n = 0; n < count; n++) {
            tree.grants(new Grove.Leaf(tree, first + n, Page.ORDER_4K, writable));
        }
        if (dice.chance(80)) {
            MapLeaf.write(scene, new Grove.Leaf(tree, first, Page.ORDER_4K, writable), count);
        }
        if (dice.chance(40)) {
            MapLeaf.write(scene, new Grove.Leaf(tree, first + dice.below(count), Page.ORDER_4K, writable), 1);
        }
    }
}
