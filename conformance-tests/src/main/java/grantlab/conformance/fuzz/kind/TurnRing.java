package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.V3RingHeader;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** What a guest writes into the header of its ring: how far it has read, or says so, and that it has looked at what was lost. */
public final class TurnRing implements Kind {
    /** Nothing to configure. */
    public TurnRing() {}

    @Override
    public int weight() {
        return 16;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        String header = RingPages.of(dice.between(1, 2)).header();
        boolean reads = dice.chance(60);
        long read = dice.chance(70) ? dice.below(40) : dice.oneOf(-1, -200, 0x7fffffff) & 0xffff_ffffL;
        scene.draft()
                .operation(new Phrase(scene.actor().domid(), "wr")
                        .with("addr", header + "+" + (reads ? V3RingHeader.CONS : V3RingHeader.DIRTY))
                        .hex("val", reads ? read : 0));
    }
}
