package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code transfer}: a page changes hands. */
public final class TransferFrame implements Batchable {
    private static final int FIRST_PAGE = 44;

    /** Nothing to configure. */
    public TransferFrame() {}

    @Override
    public int weight() {
        return 16;
    }

    @Override
    public void write(Scene scene) {
        Actor giver = scene.dice().chance(95) ? scene.untranslated() : scene.actor();
        int page = page(scene, giver);
        if (!giver.translated() && !giver.lostPages().get(page) && scene.dice().chance(85)) {
            scene.draft()
                    .operation(new Phrase(giver.domid(), "setpte")
                            .with("addr", "p" + page)
                            .with("frame", "none"));
        }
        scene.draft().operation(transfer(scene, giver, page));
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor executor) {
        return transfer(scene, executor, page(scene, executor));
    }

    private static int page(Scene scene, Actor giver) {
        Dice dice = scene.dice();
        int page = dice.between(FIRST_PAGE, 63);
        int kept = giver.lostPages().nextClearBit(page);
        return kept < 64 && dice.chance(90) ? kept : page;
    }

    private static Phrase transfer(Scene scene, Actor giver, int page) {
        Dice dice = scene.dice();
        Entry entry = dice.chance(85) ? scene.entryWhere(one -> one.kind() == Entry.Kind.TRANSFER) : null;
        Actor receiver = entry == null ? scene.actor() : scene.actor(entry.granter());
        long ref = entry == null ? scene.ref() : entry.ref();
        Actor named = receiver == null ? giver : receiver;
        giver.lostPages().set(page);
        scene.cleared(named.domid(), ref);
        return new Phrase(giver.domid(), "transfer")
                .with("frame", dice.chance(96) ? "p" + page : scene.frame(giver))
                .with("dom", scene.domain(named))
                .with("ref", ref);
    }
}
