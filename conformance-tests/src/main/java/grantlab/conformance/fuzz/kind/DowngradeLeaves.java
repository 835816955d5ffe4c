package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_set_access}: some leaves of a tree become read-only. */
public final class DowngradeLeaves implements Kind {
    /** Nothing to configure. */
    public DowngradeLeaves() {}

    @Override
    public int weight() {
        return 20;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        if (tree == null) {
            return;
        }
        Phrase phrase = new Phrase(
                        dice.chance(97) ? tree.granter() : scene.actor().domid(), "v3_set_access")
                .with("tree", tree.variable())
                .with("access", dice.chance(97) ? "READ_ONLY" : "READ_WRITE")
                .with("policy", dice.chance(97) ? "POLICY_FAULT" : "POLICY_DISCARD")
                .with("first", dice.chance(92) ? dice.below(12) : dice.oneOf(500, 512, -1))
                .with("count", dice.chance(92) ? dice.between(1, 6) : dice.oneOf(0, 512, 1 << 18, -1));
        scene.draft().operation(phrase);
    }
}
