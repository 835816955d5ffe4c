package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_tree_destroy}, in use or not. */
public final class DestroyTree implements Kind {
    /** Nothing to configure. */
    public DestroyTree() {}

    @Override
    public int weight() {
        return 12;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        if (tree == null) {
            return;
        }
        Phrase phrase = new Phrase(
                        dice.chance(95) ? tree.granter() : scene.actor().domid(), "v3_tree_destroy")
                .with("tree", tree.variable());
        if (dice.chance(30)) {
            phrase.with("flags", dice.chance(95) ? "REVOKE" : "2");
        }
        if (dice.chance(5)) {
            phrase.with("done", 1);
        }
        scene.draft().operation(phrase);
        tree.doubt();
    }
}
