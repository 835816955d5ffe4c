package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Block;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code rd}, {@code wr}, {@code fill}, {@code hash}: shared memory is read and rewritten between operations. */
public final class TouchMemory implements Kind {
    private static final int WORDS = 512;

    /** Nothing to configure. */
    public TouchMemory() {}

    @Override
    public int weight() {
        return 90;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor executor = scene.actor();
        int chance = dice.below(100);
        String place = dice.chance(60) ? "m" + dice.below(Actor.MAPPING_SLOTS) : "p" + dice.below(8);
        if (dice.chance(3)) {
            place = dice.one("m" + dice.between(40, 63), "p" + dice.between(8, 63), "0x7ffffffff000", "m5+0xffc");
        }
        if (executor.hasBlock() && dice.chance(10)) {
            place = Block.address(dice.chance(50), dice.below(Block.PAGES));
        }
        String word = place.contains("+") ? place : place + "+" + dice.below(WORDS) * 8;
        if (chance < 50) {
            scene.draft().operation(new Phrase(executor.domid(), "rd").with("addr", word));
        } else if (chance < 95) {
            scene.draft()
                    .operation(new Phrase(executor.domid(), "wr")
                            .with("addr", word)
                            .hex("val", dice.bits()));
        } else if (chance < 98) {
            scene.draft().operation(new Phrase(executor.domid(), "hash").with("addr", place));
        } else {
            scene.draft()
                    .operation(new Phrase(executor.domid(), "fill")
                            .with("addr", place)
                            .hex("val", dice.bits() >>> 8));
        }
    }
}
