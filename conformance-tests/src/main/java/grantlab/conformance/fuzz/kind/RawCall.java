package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code raw}: any command, any count, any pointer. */
public final class RawCall implements Kind {
    /** Nothing to configure. */
    public RawCall() {}

    @Override
    public int weight() {
        return 4;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor executor = scene.actor();
        int command = dice.chance(70) ? dice.below(16) : dice.oneOf(0x1000, 0x100c, 0xfff, 0x7fff, -1, 0x80000000);
        Phrase phrase = new Phrase(executor.domid(), "raw")
                .with("cmd", command)
                .with("count", dice.chance(50) ? 1 : scene.hostile().count());
        if (dice.chance(40)) {
            phrase.with("ptr", dice.one(scene.hostile().address(executor), "m63", "p43+4090", "p42"));
        }
        scene.draft().operation(phrase);
    }
}
