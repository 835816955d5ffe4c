package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_unmap}: whole, in part, again, or with handles of others. */
public final class UnmapLeaf implements Batchable {
    /** Nothing to configure. */
    public UnmapLeaf() {}

    @Override
    public boolean hasCount() {
        return false;
    }

    @Override
    public int weight() {
        return 210;
    }

    @Override
    public Phrase element(Scene scene, Actor executor) {
        Dice dice = scene.dice();
        boolean own = dice.chance(96);
        Grove.Lease lease =
                dice.chance(93) ? scene.grove().leaseWhere(one -> (one.grantee() == executor.domid()) == own) : null;
        Phrase phrase = new Phrase(executor.domid(), "v3_unmap");
        if (lease == null) {
            return phrase.with(
                    "handle",
                    dice.one(
                            "#" + dice.below(20),
                            "v" + scene.unusedVariable(),
                            "0",
                            "0x100000000",
                            "0x1ffffffff",
                            Integer.toString(dice.below(600))));
        }
        phrase.with("handle", "v" + lease.variable());
        if (dice.chance(85)) {
            phrase.with("count", lease.count());
            if (own) {
                scene.released(lease);
            }
        } else {
            phrase.with("first", dice.below(lease.count() + 1))
                    .with("count", dice.chance(90) ? dice.between(1, lease.count()) : dice.oneOf(0, -1, 1 << 18));
        }
        return dice.chance(1) ? phrase.with("flags", 1) : phrase;
    }
}
