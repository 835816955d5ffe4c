package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gntmap;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Mapped;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code replace}: a mapping gives way to what stands at another address. */
public final class ReplaceMapping implements Batchable {
    /** Nothing to configure. */
    public ReplaceMapping() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Actor executor = scene.actor();
        Dice dice = scene.dice();
        int source = dice.between(Actor.MAPPING_SLOTS, 62);
        if (!executor.translated() && dice.chance(70)) {
            scene.draft()
                    .operation(new Phrase(executor.domid(), "setpte")
                            .with("addr", "m" + source)
                            .with("frame", "p" + dice.below(8))
                            .with("rw", dice.below(2)));
        }
        Phrase phrase = replace(scene, executor, "m" + source);
        if (phrase != null) {
            scene.draft().operation(phrase);
        }
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor executor) {
        return replace(scene, executor, "m" + scene.dice().between(Actor.MAPPING_SLOTS, 62));
    }

    private static @Nullable Phrase replace(Scene scene, Actor executor, String source) {
        Dice dice = scene.dice();
        boolean simple = dice.chance(92);
        Mapped mapped = scene.mappingWhere(one -> one.grantee() == executor.domid()
                && (!simple || ((one.flags() & (Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE)) == Gntmap.HOST_MAP)));
        if (mapped == null) {
            return null;
        }
        if (dice.chance(88)) {
            scene.released(mapped);
            return new Phrase(executor.domid(), "replace")
                    .with("addr", mapped.address())
                    .with("new", source)
                    .with("h", "v" + mapped.variable());
        }
        return new Phrase(executor.domid(), "replace")
                .with("addr", dice.one(mapped.address(), "m" + dice.below(Actor.MAPPING_SLOTS), "0"))
                .with(
                        "new",
                        dice.one("0", source, mapped.address(), scene.hostile().address(executor)))
                .with("h", "v" + mapped.variable());
    }
}
