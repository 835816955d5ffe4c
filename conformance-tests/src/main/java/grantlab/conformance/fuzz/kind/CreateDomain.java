package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code create}: a domain comes, mostly an ordinary one, sometimes with limits that are soon reached. */
public final class CreateDomain implements Kind {
    /** Domains that are there most of the time. */
    private static final int USUAL = 3;

    private static final int BLOCK_PERCENT = 12;

    /** Nothing to configure. */
    public CreateDomain() {}

    @Override
    public int weight() {
        return 6;
    }

    @Override
    public void write(Scene scene) {
        int domid = free(scene);
        if (domid < 0) {
            return;
        }
        boolean translated = scene.mode().translated() && scene.dice().chance(55);
        Phrase phrase = new Phrase(0, "create").with("dom", "d" + domid).with("type", translated ? "pvh" : "pv");
        boolean runs = limit(scene, phrase);
        Actor actor = new Actor(domid, translated, scene.mode().version(scene.dice()));
        if (runs) {
            giveBlock(scene, actor, phrase);
        }
        scene.draft().operation(phrase);
        scene.born(actor);
        if (!runs) {
            actor.stops();
            return;
        }
        bringUp(scene, actor);
    }

    /** Some PVH domains have memory that can be granted by 2 MiB, where there are trees. */
    public static void giveBlock(Scene scene, Actor actor, Phrase create) {
        if (scene.mode().trees() && actor.translated() && scene.dice().chance(BLOCK_PERCENT)) {
            create.with("blocks", 1);
            actor.getsBlock();
        }
    }

    /** A table of its version, some frames, and something in the pages. */
    public static void bringUp(Scene scene, Actor actor) {
        Dice dice = scene.dice();
        if (actor.version() != 1) {
            scene.draft().operation(new Phrase(actor.domid(), "set_version").with("v", actor.version()));
        }
        scene.draft().operation(new Phrase(actor.domid(), "setup").with("nr", dice.oneOf(1, 2, 4)));
        for (int page = 0; page < 4; page++) {
            scene.draft()
                    .operation(new Phrase(actor.domid(), "wr")
                            .with("addr", "p" + page + "+" + dice.below(512) * 8)
                            .hex("val", (actor.domid() + 1L) << 32 | page << 16));
        }
    }

    private static int free(Scene scene) {
        int usual = scene.dice().chance(80) ? USUAL : Scene.DOMAINS - 1;
        for (int domid = 1; domid <= usual; domid++) {
            Actor actor = scene.actor(domid);
            boolean zombie = scene.heldByOthers(domid) && scene.dice().chance(85);
            if (actor == null || (!actor.running() && !zombie)) {
                return domid;
            }
        }
        return scene.dice().chance(10) ? scene.dice().between(1, 5) : -1;
    }

    /** @return whether it is going to run */
    private static boolean limit(Scene scene, Phrase phrase) {
        Dice dice = scene.dice();
        int chance = dice.below(100);
        if (scene.highestVersion() < 2 && chance < 95) {
            phrase.with("gver", scene.highestVersion());
            return true;
        }
        if (chance < 70) {
            return true;
        }
        if (chance < 78) {
            int frames = dice.oneOf(1, 2, 3, 64, 0, 65, -1);
            phrase.with("gframes", frames);
            return frames >= 1 && frames <= 64;
        }
        if (chance < 84) {
            int frames = dice.oneOf(0, 1, 2, 1024, 1025);
            phrase.with("maptrack", frames);
            return frames <= 1024;
        }
        if (chance < 89) {
            int version = dice.below(4);
            phrase.with("gver", version);
            return version == 1 || version == 2;
        }
        if (chance < 97) {
            int kib = dice.oneOf(320, 324, 328, 332, 100, 0);
            phrase.with("kb", kib);
            return kib >= 320;
        }
        if (scene.audience() == Audience.XEN) {
            // The recorder forgets its windows on the table of a domain that never ran when it is asked to create it
            // again.
            return true;
        }
        phrase.with("run", 0);
        return false;
    }
}
