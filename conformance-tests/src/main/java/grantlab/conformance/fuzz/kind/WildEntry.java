package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gtf;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code ent}, {@code ent1}, {@code ent2}: bits at random, also in the layout of the other version. */
public final class WildEntry implements Kind {
    private static final int FLAGS = 1 << 16;

    /** Nothing to configure. */
    public WildEntry() {}

    @Override
    public int weight() {
        return 8;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor granter = scene.actor();
        long ref = scene.ref();
        int flags = dice.below(FLAGS);
        String verb = dice.chance(70) ? "ent" : dice.one("ent1", "ent2");
        if (scene.audience() == Audience.XEN) {
            verb = "ent";
            flags &= ~(Gtf.READING | Gtf.WRITING);
            if (scene.wasTouched(granter.domid(), ref) && granter.version() == 2) {
                flags &= ~Gtf.ACCEPT_TRANSFER;
            }
        }
        Actor grantee = scene.actor();
        String domid = dice.chance(40) ? grantee.name() : dice.one("d9", "self", "65535");
        String frame = scene.page(granter);
        scene.draft()
                .operation(new Phrase(granter.domid(), verb)
                        .with("ref", ref)
                        .hex("flags", flags)
                        .with("domid", domid)
                        .with("frame", frame));
        scene.wrote(new Entry(granter.domid(), ref, Entry.Kind.WILD, grantee.domid(), frame, false));
    }
}
