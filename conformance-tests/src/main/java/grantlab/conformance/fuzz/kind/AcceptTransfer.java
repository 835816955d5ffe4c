package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gtf;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code ent}: a domain accepts a page. */
public final class AcceptTransfer implements Kind {
    /** Nothing to configure. */
    public AcceptTransfer() {}

    @Override
    public int weight() {
        return 12;
    }

    @Override
    public void write(Scene scene) {
        Actor receiver = scene.actor();
        Actor giver = scene.untranslated();
        long ref = scene.ref();
        if (scene.pinned(receiver.domid(), ref) && scene.dice().chance(80)) {
            return;
        }
        // A translated domain says where the page shall appear.
        String frame = receiver.translated()
                ? scene.dice().one("p", "m") + scene.dice().between(44, 63)
                : "0";
        scene.draft()
                .operation(new Phrase(receiver.domid(), "ent")
                        .with("ref", ref)
                        .hex("flags", Gtf.ACCEPT_TRANSFER)
                        .with("domid", giver.name())
                        .with("frame", frame));
        scene.wrote(new Entry(receiver.domid(), ref, Entry.Kind.TRANSFER, giver.domid(), "", false));
    }
}
