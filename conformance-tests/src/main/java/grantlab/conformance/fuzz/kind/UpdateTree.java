package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_tree_update}: pause and resume, other limits, one more level. */
public final class UpdateTree implements Kind {
    private static final int HIGHEST = 4;

    /** Nothing to configure. */
    public UpdateTree() {}

    @Override
    public int weight() {
        return 30;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        if (tree == null) {
            return;
        }
        int executor = dice.chance(97) ? tree.granter() : scene.actor().domid();
        int chance = dice.below(100);
        if (chance < 55) {
            boolean pause = chance < 20;
            scene.draft().operation(pause ? call(executor, tree, "PAUSE") : resumption(executor, tree));
            if (pause && dice.chance(80)) {
                scene.draft().operation(resumption(executor, tree));
            }
        } else if (chance < 80) {
            scene.draft()
                    .operation(call(executor, tree, "LIMITS")
                            .with("index_limit", dice.oneOf(512, 512, 16, 8, 1, 0, 1 << 18))
                            .with("max_active", dice.oneOf(0, 0, 1, 3))
                            .with("max_mappings", dice.oneOf(0, 0, 1, 3)));
        } else {
            grow(scene, executor, tree);
        }
    }

    private static Phrase resumption(int executor, Grove.Tree tree) {
        Phrase phrase = call(executor, tree, "RESUME");
        tree.addEpoch(phrase);
        return phrase;
    }

    private static Phrase call(int executor, Grove.Tree tree, String flags) {
        return new Phrase(executor, "v3_tree_update")
                .with("tree", tree.variable())
                .with("flags", flags);
    }

    private static void grow(Scene scene, int executor, Grove.Tree tree) {
        String root = scene.grove().nodePage();
        int levels = tree.nodes().size();
        if (levels < HIGHEST || scene.dice().chance(10)) {
            scene.draft()
                    .operation(new Phrase(tree.granter(), "node")
                            .with("page", root)
                            .with("index", 0)
                            .with(
                                    "frame",
                                    scene.dice().chance(92) ? tree.nodes().getFirst() : "p3")
                            .with("w", 1));
            scene.draft()
                    .operation(call(executor, tree, "GROW").with("root", root).with("index_limit", 512));
            tree.grew(root);
        }
    }
}
