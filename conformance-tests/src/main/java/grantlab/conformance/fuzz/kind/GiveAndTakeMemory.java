package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Block;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code memop sub=decrease}, {@code sub=populate}: pages are given back and come again. */
public final class GiveAndTakeMemory implements Kind {
    private static final int NONE = -1;
    private static final int FIRST_PAGE = 20;
    private static final int LAST_PAGE = 27;

    /** Nothing to configure. */
    public GiveAndTakeMemory() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Actor actor = scene.actor();
        int lost = actor.lostPages().cardinality();
        int page = lost > 0 && scene.dice().chance(55) ? nth(actor, scene.dice().below(lost)) : NONE;
        if (page != NONE && mayCome(scene, page)) {
            take(scene, actor, page);
        } else {
            give(scene, actor);
        }
    }

    /**
     * Which frame a populated page gets is Xen's business: where it answers too, only pages come and go of which no entry and no
     * transfer names the frame.
     */
    private static boolean mayCome(Scene scene, int page) {
        return scene.audience() == Audience.OURS || (page >= FIRST_PAGE && page <= LAST_PAGE);
    }

    private static int nth(Actor actor, int n) {
        int page = actor.lostPages().nextSetBit(0);
        for (int i = 0; i < n; i++) {
            page = actor.lostPages().nextSetBit(page + 1);
        }
        return page;
    }

    private static void take(Scene scene, Actor actor, int page) {
        memop(scene, actor, "populate", "p" + page);
        if (!actor.translated()) {
            scene.draft()
                    .operation(new Phrase(actor.domid(), "setpte")
                            .with("addr", "p" + page)
                            .with("frame", "p" + page));
        }
        actor.lostPages().clear(page);
        scene.draft().operation(new Phrase(actor.domid(), "rd").with("addr", "p" + page));
    }

    private static void give(Scene scene, Actor actor) {
        Dice dice = scene.dice();
        if (dice.chance(8)) {
            // A page that others may have, a mapping, or nothing at all.
            memop(scene, actor, dice.one("decrease", "decrease", "populate"), strange(scene, actor));
            return;
        }
        int page = dice.chance(90) ? dice.between(FIRST_PAGE, LAST_PAGE) : dice.between(0, 7);
        if (actor.lostPages().get(page) || !mayCome(scene, page)) {
            return;
        }
        if (!actor.translated() && dice.chance(85)) {
            scene.draft()
                    .operation(new Phrase(actor.domid(), "setpte")
                            .with("addr", "p" + page)
                            .with("frame", "none"));
        }
        memop(scene, actor, "decrease", "p" + page);
        actor.lostPages().set(page);
    }

    private static String strange(Scene scene, Actor actor) {
        Dice dice = scene.dice();
        if (actor.hasBlock() && dice.chance(60)) {
            return Block.frame(dice.below(Block.PAGES));
        }
        // A frame that holds a mapping crashes the domain when it is populated.
        boolean slot = actor.translated() && dice.chance(50);
        if (slot) {
            return "m" + dice.below(64);
        }
        return scene.audience() == Audience.XEN ? "none" : scene.frame(actor);
    }

    private static void memop(Scene scene, Actor actor, String sub, String frame) {
        scene.draft()
                .operation(new Phrase(actor.domid(), "memop").with("sub", sub).with("frame", frame));
    }
}
