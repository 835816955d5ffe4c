package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** A kind of which several can be elements of one hypercall. */
interface Batchable extends Kind {
    /**
     * One element. The scene is told as if it was executed at once.
     *
     * @param executor who makes the call
     * @return null when there is nothing to do it with
     */
    @Nullable
    Phrase element(Scene scene, Actor executor);

    /** Whether the hypercall is told how many elements there are, and may be told wrong; of trees the batch says it. */
    default boolean hasCount() {
        return true;
    }

    @Override
    default void write(Scene scene) {
        Phrase phrase = element(scene, scene.actor());
        if (phrase != null) {
            if (hasCount() && scene.dice().chance(1)) {
                phrase.with("count", scene.hostile().count());
            }
            scene.draft().operation(phrase);
        }
    }
}
