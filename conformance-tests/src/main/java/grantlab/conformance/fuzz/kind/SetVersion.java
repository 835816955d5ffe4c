package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Mapped;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code set_version}: forth and back, mostly without anything in use, which would forbid it. */
public final class SetVersion implements Kind {
    /** Nothing to configure. */
    public SetVersion() {}

    @Override
    public int weight() {
        return 8;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor actor = scene.actor();
        int version = dice.oneOf(0, 1, 1, 2, 2, 3);
        if (version != actor.version() && dice.chance(70)) {
            release(scene, actor);
        }
        scene.draft().operation(new Phrase(actor.domid(), "set_version").with("v", version));
        boolean changes = (version == 1 || version == 2) && version != actor.version();
        if (changes) {
            Mapped used = scene.mappingWhere(one -> one.granter() == actor.domid());
            if (used == null) {
                scene.wiped(actor.domid());
                boolean stays = dice.chance(40);
                if (stays) {
                    actor.bringUp(version);
                } else {
                    scene.draft().operation(new Phrase(actor.domid(), "set_version").with("v", actor.version()));
                }
            }
        }
        scene.draft().operation(new Phrase(0, "scan").with("tab", actor.name()).with("to", 40));
    }

    private static void release(Scene scene, Actor granter) {
        for (Mapped mapped : scene.everyMapping()) {
            Actor grantee = scene.actor(mapped.grantee());
            if (mapped.granter() == granter.domid() && grantee != null && grantee.running()) {
                Phrase phrase = new Phrase(mapped.grantee(), "unmap");
                if (mapped.host()) {
                    phrase.with("addr", mapped.address());
                }
                if (mapped.device()) {
                    phrase.with("dev", mapped.device("ma:d" + mapped.granter() + ".p0"));
                }
                scene.draft().operation(phrase.with("h", "v" + mapped.variable()));
                scene.released(mapped);
            }
        }
    }
}
