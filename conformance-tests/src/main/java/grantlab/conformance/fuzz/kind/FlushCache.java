package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Mapped;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code cache_flush}: of frames that are one's own, that are mapped, and that are neither. */
public final class FlushCache implements Batchable {
    /** Pages from here on stay with their domain. */
    private static final int KEPT = 40;

    private static final int[] OPERATIONS = {0, 1, 1, 2, 2, 3, 3, 0x80000001, 4};

    /** Nothing to configure. */
    public FlushCache() {}

    @Override
    public int weight() {
        return 12;
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor executor) {
        Dice dice = scene.dice();
        Phrase phrase =
                new Phrase(executor.domid(), "cache_flush").with("op", Integer.toUnsignedLong(dice.oneOf(OPERATIONS)));
        if (dice.chance(5)) {
            phrase.with("ref", scene.ref());
        } else {
            phrase.with("dev", address(scene, executor));
        }
        int offset = dice.chance(80) ? dice.oneOf(0, 64) : scene.hostile().offset();
        int length = dice.chance(80) ? dice.oneOf(64, 1024) : scene.hostile().length();
        return phrase.with("off", offset).with("len", length);
    }

    private static String address(Scene scene, Actor executor) {
        Dice dice = scene.dice();
        Mapped mapped = dice.chance(50)
                ? scene.mappingWhere(
                        one -> one.grantee() == executor.domid() && !one.frame().isEmpty())
                : null;
        if (mapped != null) {
            return mapped.device("");
        }
        return dice.chance(90) ? "ma:d" + scene.actor().domid() + ".p" + page(scene) : dice.one("0", "0x1000", "-1");
    }

    /** For Xen one that nobody gives away: whose the frame is afterwards is its business. */
    private static int page(Scene scene) {
        return (scene.audience() == Audience.XEN ? KEPT : 0) + scene.dice().below(8);
    }
}
