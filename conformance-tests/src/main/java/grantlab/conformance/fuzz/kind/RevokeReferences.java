package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_revoke} of slot 0: some references of a flat table are taken back, or asked for. */
public final class RevokeReferences implements Kind {
    /** Nothing to configure. */
    public RevokeReferences() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Entry entry = dice.chance(85) ? scene.entryWhere(any -> true) : null;
        int granter = entry == null ? scene.actor().domid() : entry.granter();
        long first = entry == null ? scene.ref() : entry.ref();
        int count = dice.between(1, 4);
        for (long ref = first; ref < first + count; ref++) {
            scene.touched(granter, ref);
        }
        boolean asks = dice.chance(30);
        String flags = asks ? "SOFT" : "FORCE";
        scene.draft()
                .operation(new Phrase(granter, "v3_revoke")
                        .with("flags", dice.chance(98) ? flags : flags + dice.one("|WHOLE_TREE", "|ASYNC"))
                        .with(
                                "cpu_fate",
                                (asks && dice.chance(95)) || dice.chance(70)
                                        ? "CPU_FAULT"
                                        : dice.one("CPU_ZERO", "CPU_SNAPSHOT"))
                        .with("dev_fate", "DEV_BLOCK")
                        .with("first", dice.chance(96) ? first : dice.oneOf(511, 1 << 20, -1))
                        .with("count", dice.chance(96) ? count : dice.oneOf(0, 300, 1 << 18, -1)));
    }
}
