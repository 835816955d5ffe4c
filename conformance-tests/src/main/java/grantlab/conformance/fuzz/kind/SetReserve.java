package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_grantee_ctl} with RESERVE_SET: pages that may stand in for what is taken back, or none any more. */
public final class SetReserve implements Kind {
    private static final String LIST = "p50";
    private static final int FIRST = 51;
    private static final int MOST = 6;

    /** Nothing to configure. */
    public SetReserve() {}

    @Override
    public int weight() {
        return 10;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor grantee = scene.actor();
        int pages = dice.chance(90) ? dice.between(1, MOST) : 0;
        for (int n = 0; n < pages; n++) {
            scene.draft()
                    .operation(new Phrase(grantee.domid(), "wrframe")
                            .with("addr", LIST + "+" + n * Long.BYTES)
                            .with("frame", dice.chance(98) ? "p" + (FIRST + n) : scene.frame(grantee)));
        }
        scene.draft()
                .operation(new Phrase(grantee.domid(), "v3_grantee_ctl")
                        .with("flags", "RESERVE_SET")
                        .with("reserve_list_gfn", LIST)
                        .with("reserve_pages", dice.chance(97) ? pages : dice.oneOf(7, 513)));
    }
}
