package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_grantee_ctl} with FAULT_MODE_SET: what an access to a page that was taken back gives. */
public final class SetFaultMode implements Kind {
    /** Nothing to configure. */
    public SetFaultMode() {}

    @Override
    public int weight() {
        return 14;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        scene.draft()
                .operation(new Phrase(scene.actor().domid(), "v3_grantee_ctl")
                        .with("flags", "FAULT_MODE_SET")
                        .with("fault_mode", dice.chance(95) ? dice.one("INJECT", "INJECT", "NONE") : "2"));
    }
}
