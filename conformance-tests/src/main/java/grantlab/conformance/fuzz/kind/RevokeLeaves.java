package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_revoke}: some leaves of a tree are taken back, or all of it. */
public final class RevokeLeaves implements Kind {
    /** Nothing to configure. */
    public RevokeLeaves() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        if (tree == null) {
            return;
        }
        boolean whole = dice.chance(8);
        Phrase phrase = new Phrase(
                        dice.chance(97) ? tree.granter() : scene.actor().domid(), "v3_revoke")
                .with("tree", tree.variable())
                .with(
                        "flags",
                        dice.chance(96) ? (whole ? "FORCE|WHOLE_TREE" : "FORCE") : dice.one("SOFT", "FORCE|ASYNC"))
                .with("cpu_fate", dice.chance(97) ? "CPU_FAULT" : "CPU_ZERO")
                .with("dev_fate", "DEV_BLOCK");
        if (!whole) {
            phrase.with("first", dice.chance(92) ? dice.below(12) : dice.oneOf(500, 512, -1))
                    .with("count", dice.chance(92) ? dice.between(1, 6) : dice.oneOf(0, 512, 1 << 18, -1));
        }
        scene.draft().operation(phrase);
    }
}
