package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_ring_register}, and {@code v3_grantee_ctl} for a ring of a grantee; sometimes a ring is removed, in use or not. */
public final class RegisterRing implements Kind {
    private static final int MOST = 2;

    /** Nothing to configure. */
    public RegisterRing() {}

    @Override
    public int weight() {
        return 12;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor owner = scene.actor();
        int id = scene.grove().rings(owner.domid()) + 1;
        if (id > MOST || dice.chance(5)) {
            scene.draft()
                    .operation(new Phrase(owner.domid(), "v3_ring_register")
                            .with("flags", "REMOVE")
                            .with("ring_id", dice.between(1, MOST)));
            return;
        }
        RingPages pages = RingPages.of(id);
        frame(scene, owner, pages.list() + "+0", dice.chance(97) ? pages.header() : scene.frame(owner));
        frame(scene, owner, pages.list() + "+8", dice.chance(97) ? pages.data() : pages.header());
        boolean forGrantee = dice.chance(25);
        scene.draft()
                .operation(new Phrase(owner.domid(), "v3_ring_register")
                        .with("list_gfn", pages.list())
                        .with("pages", dice.chance(95) ? 1 : dice.oneOf(0, 2, 3))
                        .with("port", dice.chance(97) ? 1 : dice.oneOf(0, 4096))
                        .with("kind", forGrantee ? "GRANTEE" : "GRANTER"));
        scene.grove().ringed(owner.domid(), !forGrantee);
        if (forGrantee) {
            scene.draft()
                    .operation(new Phrase(owner.domid(), "v3_grantee_ctl")
                            .with("flags", "RING_SET")
                            .with("ring_id", dice.oneOf(1, 2, -1))
                            .with("granter", scene.domain(scene.actor())));
        }
    }

    private static void frame(Scene scene, Actor owner, String address, String frame) {
        scene.draft()
                .operation(new Phrase(owner.domid(), "wrframe")
                        .with("addr", address)
                        .with("frame", frame));
    }
}
