package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code dominfo}, {@code forget}, {@code yield}, {@code opt}: what d0 does besides. */
public final class LookAtDomain implements Kind {
    /** Nothing to configure. */
    public LookAtDomain() {}

    @Override
    public int weight() {
        return 8;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        String domain = "d" + dice.below(Scene.DOMAINS);
        int chance = dice.below(100);
        if (chance < 50) {
            scene.draft().operation(new Phrase(0, "dominfo").with("dom", domain));
        } else if (chance < 70) {
            scene.draft().operation(new Phrase(0, "forget").with("tab", domain));
        } else if (chance < 80) {
            scene.draft().operation(new Phrase(0, "yield").with("n", 2));
        } else {
            scene.draft()
                    .operation(new Phrase(0, "opt").with(dice.one("hold_status", "tlbflush", "raw"), dice.below(2)));
        }
    }
}
