package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code destroy}: a domain goes, with whatever it has mapped and others have mapped of it. */
public final class DestroyDomain implements Kind {
    /** Nothing to configure. */
    public DestroyDomain() {}

    @Override
    public int weight() {
        return 5;
    }

    @Override
    public void write(Scene scene) {
        int domid = scene.dice().between(1, Scene.DOMAINS - 1);
        Actor actor = scene.actor(domid);
        if (actor == null && scene.dice().chance(90)) {
            return;
        }
        scene.draft().operation(new Phrase(0, "destroy").with("dom", "d" + domid));
        scene.buried(domid);
        if (scene.dice().chance(50)) {
            scene.draft().operation(new Phrase(0, "dominfo").with("dom", "d" + domid));
        }
    }
}
