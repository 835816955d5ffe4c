package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code node}: table entries are repaired, lead in circles, to pages of others, or nowhere; words of nodes at random. */
public final class WriteNode implements Kind {
    /** Nothing to configure. */
    public WriteNode() {}

    @Override
    public int weight() {
        return 30;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        Actor granter = tree == null ? null : scene.actor(tree.granter());
        if (tree == null || granter == null) {
            return;
        }
        int level = dice.below(tree.nodes().size());
        String page = tree.nodes().get(level);
        if (dice.chance(15)) {
            scene.draft()
                    .operation(new Phrase(granter.domid(), "wr")
                            .with("addr", page + "+" + dice.below(16) * 8)
                            .hex("val", dice.bits()));
            return;
        }
        boolean repair = level + 1 < tree.nodes().size() && dice.chance(60);
        Phrase phrase = new Phrase(granter.domid(), "node")
                .with("page", page)
                .with("index", repair ? 0 : dice.below(3))
                .with("frame", repair ? tree.nodes().get(level + 1) : frame(scene, granter, tree))
                .with("w", dice.chance(80) ? 1 : 0);
        scene.draft().operation(phrase);
        if (dice.chance(50)) {
            scene.draft()
                    .operation(new Phrase(granter.domid(), "v3_invalidate")
                            .with("tree", tree.variable())
                            .with("level", 2)
                            .with("prefix", 0));
            MapLeaf.write(scene, tree);
        }
    }

    private static String frame(Scene scene, Actor granter, Grove.Tree tree) {
        return scene.dice().chance(50) ? scene.dice().any(tree.nodes()) : scene.frame(granter);
    }
}
