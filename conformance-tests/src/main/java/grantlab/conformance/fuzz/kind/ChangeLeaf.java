package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code leaf keep=1}: a leaf is closed, emptied, narrowed or damaged, in use or not; {@code rdleaf}. */
public final class ChangeLeaf implements Kind {
    /** Nothing to configure. */
    public ChangeLeaf() {}

    @Override
    public int weight() {
        return 70;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Leaf leaf = scene.grove().leafWhere(any -> true);
        if (leaf == null) {
            return;
        }
        Grove.Tree tree = leaf.tree();
        int chance = dice.below(100);
        Phrase phrase = new Phrase(tree.granter(), chance < 25 ? "rdleaf" : "leaf")
                .with("page", leaf.node())
                .with("index", leaf.entry());
        if (chance >= 25) {
            phrase.with("keep", 1);
            if (chance < 55) {
                phrase.with("type", 3);
                tree.withdrew(leaf.index());
            } else if (chance < 70) {
                phrase.with("type", 0);
                tree.withdrew(leaf.index());
            } else if (chance < 80) {
                phrase.with("w", dice.below(2)).with("type", 2);
            } else if (chance < 90) {
                phrase.with("type", 2).with("gen", dice.below(16));
            } else {
                phrase.with("type", 2)
                        .with(dice.one("mapped_r", "mapped_w", "w_seen", "attached", "sw"), dice.below(2));
            }
        }
        scene.draft().operation(phrase);
    }
}
