package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code memop sub=add}, {@code sub=remove}: frames of grant tables come into a PVH domain's map, and things leave it. */
public final class ChangePhysmap implements Kind {
    private static final long STATUS = 0x80000000L;

    /** Nothing to configure. */
    public ChangePhysmap() {}

    @Override
    public int weight() {
        return 14;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor translated = scene.translated();
        Actor actor = translated == null || dice.chance(10) ? scene.actor() : translated;
        if (translated == null && dice.chance(80)) {
            return;
        }
        if (dice.chance(60)) {
            add(scene, actor, translated);
        } else {
            remove(scene, actor);
        }
    }

    private static void add(Scene scene, Actor actor, @Nullable Actor translated) {
        Dice dice = scene.dice();
        boolean status = dice.chance(35);
        long index = dice.chance(90) ? dice.below(3) : dice.oneOf(7, 15, 16, 63, 64, 1 << 20);
        Phrase phrase = new Phrase(actor.domid(), "memop")
                .with("sub", "add")
                .with("frame", place(scene))
                .hex("idx", status ? STATUS | index : index);
        // Xen knows other spaces too, which are not modelled.
        if (dice.chance(3) && scene.audience() == Audience.OURS) {
            phrase.with("space", dice.below(6));
        }
        if (translated != null && dice.chance(10)) {
            phrase.with("dom", scene.domain(translated));
        }
        scene.draft().operation(phrase);
    }

    private static String place(Scene scene) {
        Dice dice = scene.dice();
        int chance = dice.below(100);
        if (chance < 75) {
            return "m" + dice.between(50, 63);
        }
        if (chance < 88) {
            return "p" + dice.between(20, 40);
        }
        return chance < 96 ? "m" + dice.below(Actor.MAPPING_SLOTS) : dice.one("none", "0x10000000000", "0");
    }

    private static void remove(Scene scene, Actor actor) {
        Dice dice = scene.dice();
        int chance = dice.below(100);
        String frame = "m" + dice.between(50, 63);
        if (chance >= 70) {
            frame = chance < 85 ? "m" + dice.below(Actor.MAPPING_SLOTS) : "p" + dice.between(20, 40);
        }
        scene.draft()
                .operation(
                        new Phrase(actor.domid(), "memop").with("sub", "remove").with("frame", frame));
    }
}
