package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gtf;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code ent}: a granter lets another domain have a page. */
public final class GrantPage implements Kind {
    private static final int[] FORGED = {Gtf.READING, Gtf.WRITING, Gtf.READING | Gtf.WRITING};
    private static final int[] ODD = {0x20, 0x40, 0x80, 0x100, 0x200, 0x4000, 0x8000};

    /** Nothing to configure. */
    public GrantPage() {}

    @Override
    public int weight() {
        return 160;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor granter = scene.actor();
        long ref = scene.ref();
        if (scene.pinned(granter.domid(), ref) && dice.chance(80)) {
            return;
        }
        Actor grantee = scene.actor();
        int flags = flags(dice);
        String frame = scene.frame(granter);
        scene.draft()
                .operation(new Phrase(granter.domid(), "ent")
                        .with("ref", ref)
                        .hex("flags", flags)
                        .with("domid", scene.domain(grantee))
                        .with("frame", frame));
        boolean readonly = (flags & Gtf.READONLY) != 0;
        scene.wrote(new Entry(granter.domid(), ref, Entry.Kind.PAGE, grantee.domid(), frame, readonly));
    }

    private static int flags(Dice dice) {
        int flags = Gtf.PERMIT_ACCESS | (dice.chance(25) ? Gtf.READONLY : 0);
        if (dice.chance(5)) {
            flags |= dice.oneOf(FORGED);
        }
        return dice.chance(4) ? flags | dice.oneOf(ODD) : flags;
    }
}
