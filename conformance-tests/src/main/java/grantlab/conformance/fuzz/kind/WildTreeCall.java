package grantlab.conformance.fuzz.kind;

import grantlab.conformance.call.V3Field;
import grantlab.conformance.call.V3Form;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import java.util.Arrays;
import java.util.List;

/** Any operation of grants v3 with values in its fields that hardly make sense, reserved ranges and head among them. */
public final class WildTreeCall implements Kind {
    private static final List<V3Form> FORMS =
            Arrays.stream(V3Form.values()).filter(form -> form != V3Form.BATCH).toList();

    private static final long[] VALUES = {
        0,
        1,
        2,
        3,
        8,
        64,
        511,
        512,
        4095,
        4096,
        0xffff,
        0x8000,
        1L << 18,
        1L << 32,
        1L << 36,
        1L << 48,
        Long.MAX_VALUE,
        -1
    };

    /** Nothing to configure. */
    public WildTreeCall() {}

    @Override
    public int weight() {
        return 50;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor executor = scene.actor();
        V3Form form = dice.any(FORMS);
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        Phrase phrase = new Phrase(executor.domid(), form.verb());
        if (tree != null && form.field("slot").isPresent() && dice.chance(70)) {
            phrase.with("tree", tree.variable());
        }
        for (V3Field field : form.fields()) {
            if (dice.chance(percent(field))) {
                put(scene, executor, phrase, field);
            }
        }
        scene.draft().operation(phrase);
    }

    private static int percent(V3Field field) {
        return switch (field.name()) {
            case "struct_size", "version" -> 2;
            default -> field.direction() == V3Field.Direction.ZERO ? 2 : 35;
        };
    }

    private static void put(Scene scene, Actor executor, Phrase phrase, V3Field field) {
        switch (field.name()) {
            case "peer", "granter" -> phrase.with(field.name(), scene.domain(scene.actor()));
            case "dest" -> phrase.with(field.name(), "m" + scene.dice().below(Actor.MAPPING_SLOTS));
            case "root" -> phrase.with(field.name(), scene.frame(executor));
            default -> {
                if (field.name().endsWith("_gfn")) {
                    phrase.with(field.name(), scene.frame(executor));
                } else {
                    phrase.hex(field.name(), VALUES[scene.dice().below(VALUES.length)]);
                }
            }
        }
    }
}
