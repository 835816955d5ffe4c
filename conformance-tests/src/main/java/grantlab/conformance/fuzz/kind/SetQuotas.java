package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/**
 * {@code gnt_quota} and {@code gnt_policy} of the toolstack, the share that a grantee sets itself: soon reached, or as usual; and
 * whether it agrees to lose mappings.
 */
public final class SetQuotas implements Kind {
    /** Nothing to configure. */
    public SetQuotas() {}

    @Override
    public int weight() {
        return 12;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        int executor = dice.chance(95) ? 0 : scene.actor().domid();
        Actor subject = scene.actor();
        boolean tight = dice.chance(40);
        Phrase phrase = switch (dice.below(5)) {
            case 4 ->
                new Phrase(subject.domid(), "v3_grantee_ctl")
                        .with("flags", "LEGACY_FATES_SET")
                        .with("legacy_fates", dice.oneOf(0, 1, 1, 1, 2));
            case 0 ->
                new Phrase(executor, "gnt_policy")
                        .with("domid", scene.domain(subject))
                        .with("fates", dice.oneOf(0, 1, 1, 1, 2));
            case 1 ->
                new Phrase(subject.domid(), "v3_grantee_ctl")
                        .with("flags", "SHARE_SET")
                        .with("granter", scene.domain(scene.actor()))
                        .with("share", dice.oneOf(0, 0, 1, 3));
            default ->
                new Phrase(executor, "gnt_quota")
                        .with("domid", scene.domain(subject))
                        .with("trees", tight ? dice.between(1, 3) : 64)
                        .with("share", tight ? dice.between(1, 6) : 0)
                        .with("pages", tight ? dice.between(1, 8) : 65536);
        };
        scene.draft().operation(phrase);
    }
}
