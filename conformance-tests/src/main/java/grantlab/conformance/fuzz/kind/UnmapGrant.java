package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Mapped;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code unmap}: mostly the way it was mapped, sometimes in part, at another address, or by somebody else. */
public final class UnmapGrant implements Batchable {
    /** Nothing to configure. */
    public UnmapGrant() {}

    @Override
    public int weight() {
        return 180;
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor executor) {
        Dice dice = scene.dice();
        boolean own = dice.chance(96);
        Mapped mapped = dice.chance(90) ? scene.mappingWhere(one -> (one.grantee() == executor.domid()) == own) : null;
        return mapped == null ? nothing(scene, executor) : part(scene, executor, mapped);
    }

    private static Phrase part(Scene scene, Actor executor, Mapped mapped) {
        Dice dice = scene.dice();
        Phrase phrase = new Phrase(executor.domid(), "unmap");
        int chance = dice.below(100);
        boolean host = mapped.host() && chance < 92;
        boolean device = mapped.device() && (chance < 84 || chance >= 92);
        if (host) {
            phrase.with("addr", mapped.address());
        } else if (chance >= 96) {
            phrase.with("addr", "m" + dice.below(Actor.MAPPING_SLOTS));
        }
        if (device || chance >= 98) {
            phrase.with("dev", device(scene, mapped));
        }
        boolean all = host == mapped.host() && device == mapped.device();
        if (all && mapped.grantee() == executor.domid()) {
            scene.released(mapped);
        }
        return phrase.with("h", "v" + mapped.variable());
    }

    private static String device(Scene scene, Mapped mapped) {
        String other = "ma:d" + mapped.granter() + ".p" + scene.dice().below(8);
        return scene.dice().chance(94) ? mapped.device(other) : other;
    }

    private static Phrase nothing(Scene scene, Actor executor) {
        Dice dice = scene.dice();
        String handle = dice.one(
                "v" + scene.unusedVariable(), "4294967295", "#" + dice.below(20), Integer.toString(dice.below(600)));
        if (executor.translated() && dice.chance(90)) {
            handle = dice.one("4294967295", "100000", "v" + scene.unusedVariable());
        }
        return new Phrase(executor.domid(), "unmap")
                .with("addr", "m" + dice.below(Actor.MAPPING_SLOTS))
                .with("h", handle);
    }
}
