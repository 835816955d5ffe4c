package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code setup}, {@code status_frames}, {@code query_size}, {@code get_version}, {@code dump}. */
public final class AskTable implements Kind {
    private static final int LARGEST = 40;

    /** Nothing to configure. */
    public AskTable() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor executor = scene.actor();
        String verb = dice.one("setup", "setup", "status_frames", "query_size", "query_size", "get_version", "dump");
        Phrase phrase = new Phrase(executor.domid(), verb);
        if (dice.chance(75)) {
            phrase.with("dom", dice.chance(50) ? "self" : scene.domain(scene.actor()));
        }
        switch (verb) {
            case "setup" ->
                list(
                        scene,
                        executor,
                        phrase,
                        dice.chance(92) ? dice.below(6) : scene.dice().below(LARGEST));
            case "status_frames" -> list(scene, executor, phrase, dice.oneOf(0, 1, 1, 2, 9));
            default -> {
                if (dice.chance(8)) {
                    phrase.with("count", scene.hostile().count());
                }
            }
        }
        scene.draft().operation(phrase);
    }

    private static void list(Scene scene, Actor executor, Phrase phrase, int frames) {
        phrase.with("nr", frames);
        if (scene.dice().chance(6)) {
            phrase.with(
                    "list",
                    scene.dice()
                            .one(
                                    "p" + scene.dice().between(40, 43),
                                    "m63",
                                    scene.hostile().address(executor)));
        } else if (scene.dice().chance(3)) {
            phrase.with("count", scene.hostile().count());
        }
    }
}
