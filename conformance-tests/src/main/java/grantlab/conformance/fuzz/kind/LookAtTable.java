package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code rdent}, {@code status}, {@code scan}: what the hypervisor left in a table. */
public final class LookAtTable implements Kind {
    /** Nothing to configure. */
    public LookAtTable() {}

    @Override
    public int weight() {
        return 90;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor granter = dice.any(scene.everyActor());
        Phrase phrase =
                new Phrase(0, dice.one("rdent", "rdent", "rdent", "status", "scan")).with("tab", granter.name());
        if (phrase.toString().startsWith("scan")) {
            phrase.with("to", 40);
        } else {
            phrase.with("ref", scene.ref());
        }
        scene.draft().operation(phrase);
    }
}
