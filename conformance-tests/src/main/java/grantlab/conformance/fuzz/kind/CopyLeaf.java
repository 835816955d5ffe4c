package grantlab.conformance.fuzz.kind;

import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_copy}: to and from leaves and references of the flat table, within pages and across. */
public final class CopyLeaf implements Batchable {
    private static final int[] LENGTHS = {8, 64, 256, 4096, 5000, 12000};

    /** Nothing to configure. */
    public CopyLeaf() {}

    @Override
    public boolean hasCount() {
        return false;
    }

    @Override
    public int weight() {
        return 120;
    }

    @Override
    public Phrase element(Scene scene, Actor executor) {
        Dice dice = scene.dice();
        Phrase phrase = new Phrase(executor.domid(), "v3_copy");
        Grove.Leaf leaf =
                dice.chance(80) ? scene.grove().leafWhere(one -> one.tree().grantee() == executor.domid()) : null;
        Entry entry = leaf == null ? scene.entryWhere(one -> one.grantee() == executor.domid()) : null;
        if (leaf != null) {
            phrase.with("peer", "d" + leaf.tree().granter())
                    .with("ref", leaf.tree().reference(leaf.index()));
            leaf.tree().addEpoch(phrase);
        } else if (entry != null) {
            phrase.with("peer", "d" + entry.granter()).with("ref", entry.ref());
            scene.touched(entry.granter(), entry.ref());
        } else {
            phrase.with("peer", scene.domain(scene.actor())).with("ref", scene.ref());
        }
        phrase.with("local_gfn", scene.frame(executor))
                .with("length", dice.chance(95) ? dice.oneOf(LENGTHS) : dice.oneOf(0, 1, 1 << 21, (1 << 21) + 1, -1));
        if (dice.chance(40)) {
            phrase.with("flags", "TO_REMOTE");
        }
        if (dice.chance(30)) {
            phrase.with("local_offset", dice.below(Page.SIZE));
        }
        if (dice.chance(30)) {
            phrase.with("remote_offset", dice.below(Page.SIZE + 2));
        }
        return phrase;
    }
}
