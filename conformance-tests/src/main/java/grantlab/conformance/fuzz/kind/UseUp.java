package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gntmap;
import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/**
 * {@code map} of one reference again and again, in large batches: 128 uses of a kind are the limit, and 255 handles of a
 * domain that may have one maptrack frame. Nothing undoes it but the death of the domain.
 */
public final class UseUp implements Kind {
    private static final int ELEMENTS = 96;

    /** A place of an address space where nothing else is. */
    private static final long FREE_ADDRESSES = 0x50000000L;

    /** Nothing to configure. */
    public UseUp() {}

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Entry entry = scene.entryWhere(one -> one.mappable() && one.grantee() != 0 && runs(scene, one.grantee()));
        Actor grantee = entry == null ? null : scene.actor(entry.grantee());
        if (entry == null || grantee == null || (grantee.translated() && entry.granter() == grantee.domid())) {
            return;
        }
        int flags = (grantee.translated() ? Gntmap.HOST_MAP : Gntmap.DEVICE_MAP)
                | (entry.readonly() || dice.chance(50) ? Gntmap.READONLY : 0);
        int batches = dice.between(1, 3);
        long address = FREE_ADDRESSES + ((long) dice.below(1 << 14) << 14);
        for (int batch = 0; batch < batches; batch++) {
            scene.draft().remark("batch n=" + ELEMENTS);
            for (int element = 0; element < ELEMENTS; element++) {
                Phrase phrase = new Phrase(grantee.domid(), "map")
                        .with("flags", flags)
                        .with("dom", "d" + entry.granter())
                        .with("ref", entry.ref());
                if (grantee.translated()) {
                    phrase.hex("addr", address);
                    address += Page.SIZE;
                }
                scene.draft().operation(phrase);
            }
        }
        scene.touched(entry.granter(), entry.ref());
        die(scene, grantee);
    }

    private static boolean runs(Scene scene, int domid) {
        @Nullable Actor actor = scene.actor(domid);
        return actor != null && actor.running();
    }

    /** Sometimes at once, so that much is undone by death; else whenever its time comes. */
    private static void die(Scene scene, Actor grantee) {
        if (scene.dice().chance(50)) {
            scene.draft().operation(new Phrase(0, "destroy").with("dom", grantee.name()));
            scene.buried(grantee.domid());
        }
    }
}
