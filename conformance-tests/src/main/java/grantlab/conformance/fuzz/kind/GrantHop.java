package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gtf;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code ent2t}: a domain passes on what was granted to it. */
public final class GrantHop implements Kind {
    /** Nothing to configure. */
    public GrantHop() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor granter = scene.actor();
        long ref = scene.ref();
        boolean hangs = scene.audience() == Audience.XEN && scene.wasTouched(granter.domid(), ref);
        if (granter.version() != 2 || hangs) {
            return;
        }
        Actor grantee = scene.actor();
        boolean readonly = dice.chance(30);
        Entry behind = scene.entryWhere(entry -> entry.grantee() == granter.domid()
                && (entry.kind() == Entry.Kind.PAGE || entry.kind() == Entry.Kind.PART));
        scene.draft()
                .operation(new Phrase(granter.domid(), "ent2t")
                        .with("ref", ref)
                        .hex("flags", Gtf.TRANSITIVE | (readonly ? Gtf.READONLY : 0))
                        .with("domid", grantee.name())
                        .with("tdom", owner(scene, behind))
                        .with("gref", behind != null && dice.chance(85) ? behind.ref() : scene.ref()));
        scene.wrote(new Entry(granter.domid(), ref, Entry.Kind.HOP, grantee.domid(), "", readonly));
    }

    private static String owner(Scene scene, @Nullable Entry behind) {
        return behind != null && scene.dice().chance(90) ? "d" + behind.granter() : scene.domain(scene.actor());
    }
}
