package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Mapped;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code setpte}, {@code pte}: a PV guest changes its own page tables, also where a grant is mapped. */
public final class ChangePageTable implements Kind {
    /** Nothing to configure. */
    public ChangePageTable() {}

    @Override
    public int weight() {
        return 20;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor executor = dice.chance(97) ? scene.untranslated() : scene.actor();
        int chance = dice.below(100);
        if (chance < 40) {
            scene.draft()
                    .operation(new Phrase(executor.domid(), "pte").with("addr", "m" + dice.below(Actor.MAPPING_SLOTS)));
        } else if (chance < 75) {
            scene.draft().operation(change(scene, executor, slot(scene, executor)));
        } else if (chance < 95) {
            scene.draft().operation(change(scene, executor, "p" + dice.below(12)));
        } else {
            scene.draft().operation(change(scene, executor, scene.hostile().address(executor)));
        }
    }

    /** Mostly one where nothing is: a mapping that is overwritten leaves its handle stuck. */
    private static String slot(Scene scene, Actor executor) {
        Mapped mapped = scene.dice().chance(20)
                ? scene.mappingWhere(one -> one.grantee() == executor.domid() && one.slot() >= 0)
                : null;
        return "m" + (mapped == null ? scene.dice().between(0, 62) : mapped.slot());
    }

    private static Phrase change(Scene scene, Actor executor, String address) {
        Dice dice = scene.dice();
        String frame = dice.chance(40) ? "none" : dice.chance(92) ? "p" + dice.below(12) : anyFrame(scene, executor);
        return new Phrase(executor.domid(), "setpte")
                .with("addr", address)
                .with("frame", frame)
                .with("rw", dice.below(2));
    }

    /** The control domain of a real machine may map what is no memory; that is not modelled. */
    private static String anyFrame(Scene scene, Actor executor) {
        boolean device = scene.audience() == Audience.XEN && executor.domid() == 0;
        return device ? scene.page(executor) : scene.frame(executor);
    }
}
