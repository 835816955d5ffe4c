package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.VdomidBind;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code vdomid_bind}: another domain stands behind a virtual domid, or nobody; mostly the granter resumes its trees then. */
public final class BindVirtual implements Kind {
    /** Nothing to configure. */
    public BindVirtual() {}

    @Override
    public int weight() {
        return 16;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor owner = scene.actor();
        int virtual = scene.grove().virtual();
        Actor real = dice.chance(85) ? scene.actor() : null;
        scene.draft()
                .operation(new Phrase(dice.chance(97) ? 0 : scene.actor().domid(), "vdomid_bind")
                        .with("owner", scene.domain(owner))
                        .with("vdomid", virtual)
                        .with("real", real == null ? "invalid" : real.name())
                        .with("flags", flags(dice))
                        .with("out", Grove.epoch(owner.domid(), virtual)));
        scene.grove().bound(owner.domid(), virtual, real == null ? Grove.NOBODY : real.domid());
        if (dice.chance(70)) {
            resume(scene, owner.domid(), virtual);
        }
    }

    private static int flags(Dice dice) {
        return (dice.chance(25) ? VdomidBind.AUTO_RESUME : 0)
                | (dice.chance(60) ? VdomidBind.FORCE : 0)
                | (dice.chance(2) ? 4 : 0);
    }

    private static void resume(Scene scene, int owner, int virtual) {
        for (Grove.Tree tree : scene.grove().treesOf(owner, virtual)) {
            scene.draft()
                    .operation(new Phrase(owner, "v3_tree_update")
                            .with("tree", tree.variable())
                            .with("flags", "RESUME")
                            .with("epoch", Grove.epoch(owner, virtual)));
        }
    }
}
