package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Mapped;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import java.util.List;

/** {@code unmap} of half of what is mapped, the way it was mapped, so that there is room for more. */
public final class UndoMappings implements Kind {
    /** Nothing to configure. */
    public UndoMappings() {}

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public void write(Scene scene) {
        List<Mapped> all = scene.everyMapping();
        for (int i = 0; i < all.size(); i += 2) {
            undo(scene, all.get(i));
        }
    }

    private static void undo(Scene scene, Mapped mapped) {
        Actor grantee = scene.actor(mapped.grantee());
        scene.released(mapped);
        if (grantee == null || !grantee.running()) {
            return;
        }
        Phrase phrase = new Phrase(mapped.grantee(), "unmap");
        if (mapped.host()) {
            phrase.with("addr", mapped.address());
        }
        if (mapped.device()) {
            phrase.with("dev", mapped.device("ma:d" + mapped.granter() + ".p0"));
        }
        scene.draft().operation(phrase.with("h", "v" + mapped.variable()));
    }
}
