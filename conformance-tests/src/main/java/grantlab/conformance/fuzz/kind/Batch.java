package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import java.util.ArrayList;
import java.util.List;

/** {@code batch}: several elements in one hypercall, sometimes with a count that is not theirs. */
public final class Batch implements Kind {
    private static final int ATTEMPTS = 3;
    private static final int LARGE = 40;

    private final List<Batchable> kinds;

    /**
     * Batches.
     *
     * @param kinds what can be in them
     */
    Batch(List<Batchable> kinds) {
        this.kinds = List.copyOf(kinds);
    }

    @Override
    public int weight() {
        return 32;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Batchable kind = dice.any(kinds);
        Actor executor = scene.actor();
        int wanted = dice.chance(95) ? dice.between(2, 9) : LARGE;
        List<Phrase> elements = new ArrayList<>();
        for (int i = 0; i < wanted * ATTEMPTS && elements.size() < wanted; i++) {
            Phrase phrase = kind.element(scene, executor);
            if (phrase != null) {
                elements.add(phrase);
            }
        }
        if (elements.size() > 1) {
            int count = dice.chance(95) ? 0 : dice.oneOf(elements.size() - 1, elements.size() + 1);
            scene.draft().remark("batch n=" + elements.size() + (count == 0 ? "" : " count=" + count));
        }
        elements.forEach(scene.draft()::operation);
    }
}
