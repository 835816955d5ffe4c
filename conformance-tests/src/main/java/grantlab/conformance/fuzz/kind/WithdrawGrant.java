package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code ent}: an entry is emptied, mostly one that says something, and sometimes while it is in use. */
public final class WithdrawGrant implements Kind {
    /** Nothing to configure. */
    public WithdrawGrant() {}

    @Override
    public int weight() {
        return 8;
    }

    @Override
    public void write(Scene scene) {
        Entry entry = scene.entryWhere(any -> true);
        int granter = entry == null ? scene.actor().domid() : entry.granter();
        long ref = entry == null ? scene.ref() : entry.ref();
        scene.draft()
                .operation(new Phrase(0, "ent")
                        .with("tab", "d" + granter)
                        .with("ref", ref)
                        .with("flags", 0)
                        .with("domid", 0)
                        .with("frame", 0));
        scene.cleared(granter, ref);
    }
}
