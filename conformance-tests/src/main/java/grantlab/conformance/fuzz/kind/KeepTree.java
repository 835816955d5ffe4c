package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_invalidate}, {@code v3_sync}, {@code v3_probe}, {@code v3_query}: looking at trees and keeping them in order. */
public final class KeepTree implements Kind {
    private static final int FIRST_RESULT = 8;

    /** Nothing to configure. */
    public KeepTree() {}

    @Override
    public int weight() {
        return 40;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        if (tree == null) {
            scene.draft().operation(new Phrase(scene.actor().domid(), "v3_query"));
            return;
        }
        int executor = dice.chance(97) ? tree.granter() : scene.actor().domid();
        int grantee = tree.grantee() == Grove.NOBODY ? tree.granter() : tree.grantee();
        String result = "p" + dice.between(FIRST_RESULT, FIRST_RESULT + 3);
        Phrase phrase = switch (dice.below(5)) {
            case 0, 1 ->
                new Phrase(executor, "v3_sync")
                        .with("tree", tree.variable())
                        .with("first", dice.chance(90) ? 0 : dice.oneOf(500, 512, -1))
                        .with("count", dice.chance(90) ? 16 : dice.oneOf(0, 1 << 18, -1));
            case 2 ->
                new Phrase(executor, "v3_invalidate")
                        .with("tree", tree.variable())
                        .with("level", dice.oneOf(2, 2, 3, 4, 1, 0, 5))
                        .with("prefix", dice.chance(90) ? 0 : dice.oneOf(512, 1 << 18, -1));
            case 3 ->
                new Phrase(grantee, "v3_probe")
                        .with("peer", "d" + tree.granter())
                        .with("mode", "RANGE")
                        .with("ref", tree.reference(0))
                        .with("count", dice.oneOf(1, 16, 2048, 2049))
                        .with("result_gfn", result);
            default ->
                new Phrase(grantee, "v3_probe")
                        .with("peer", "d" + tree.granter())
                        .with("count", dice.oneOf(1, 16, 128, 129))
                        .with("result_gfn", result);
        };
        scene.draft().operation(phrase);
    }
}
