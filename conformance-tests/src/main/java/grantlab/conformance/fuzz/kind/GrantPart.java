package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gtf;
import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code ent} in a table of version 2: a granter lets another domain copy a part of a page. */
public final class GrantPart implements Kind {
    private static final int[] OFFSETS = {0, 8, 100, 4000, 4095, 4096, 65535};
    private static final int[] LENGTHS = {0, 8, 64, 96, 4096, 4097, 65535};

    /** Nothing to configure. */
    public GrantPart() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor granter = scene.actor();
        long ref = scene.ref();
        if (granter.version() != 2 || (scene.pinned(granter.domid(), ref) && dice.chance(80))) {
            return;
        }
        Actor grantee = scene.actor();
        boolean readonly = dice.chance(30);
        String frame = scene.page(granter);
        int offset = dice.chance(60) ? dice.oneOf(OFFSETS) : dice.below(Page.SIZE);
        int length = dice.chance(60) ? dice.oneOf(LENGTHS) : dice.below(5000);
        scene.draft()
                .operation(new Phrase(granter.domid(), "ent")
                        .with("ref", ref)
                        .hex("flags", Gtf.PERMIT_ACCESS | Gtf.SUB_PAGE | (readonly ? Gtf.READONLY : 0))
                        .with("domid", grantee.name())
                        .with("frame", frame)
                        .with("off", offset)
                        .with("len", length));
        scene.wrote(new Entry(granter.domid(), ref, Entry.Kind.PART, grantee.domid(), frame, readonly));
    }
}
