package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code swap}: two references change places. */
public final class SwapEntries implements Batchable {
    /** Nothing to configure. */
    public SwapEntries() {}

    @Override
    public int weight() {
        return 16;
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor executor) {
        int granter = executor.domid();
        long a = scene.ref();
        long b = scene.dice().chance(95) ? scene.ref() : a;
        if (scene.audience() == Audience.XEN && (hangs(scene, granter, a, b) || hangs(scene, granter, b, a))) {
            return null;
        }
        if (!scene.pinned(granter, a) && !scene.pinned(granter, b) && a < 256 && b < 256 && a != b) {
            scene.swapped(granter, a, b);
        }
        return new Phrase(granter, "swap").with("a", a).with("b", b);
    }

    /** Xen would not come back from a hop that lands where something else is in use. */
    private static boolean hangs(Scene scene, int granter, long from, long to) {
        Entry entry = scene.entry(granter, from);
        return entry != null && entry.kind() == Entry.Kind.HOP && scene.wasTouched(granter, to);
    }
}
