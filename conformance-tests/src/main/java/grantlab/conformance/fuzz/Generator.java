package grantlab.conformance.fuzz;

import grantlab.conformance.fuzz.kind.CreateDomain;
import grantlab.conformance.fuzz.kind.Kind;
import grantlab.conformance.fuzz.kind.Kinds;
import grantlab.conformance.fuzz.kind.UndoLeaves;
import grantlab.conformance.fuzz.kind.UndoMappings;

/**
 * Writes scripts. The same mode, seed, length and audience give the same script. What it writes aims at being valid and is
 * spoiled on purpose now and then: a generator whose every line is refused early tests nothing.
 */
public final class Generator implements ScriptSource {
    private static final int OPTIONS_PERCENT = 12;

    /** Pages of each domain that are looked at in the end. */
    private static final int LOOKED_AT = 8;

    private static final String VERSION_1_ALONE = "gnttab=max-ver:1";

    private final Kinds flat = Kinds.ofTables();
    private final Kinds trees = Kinds.ofTablesAndTrees();
    private final Kind undoing = new UndoMappings();
    private final Kind undoingLeaves = new UndoLeaves();
    private final Audience audience;

    /**
     * A generator.
     *
     * @param audience who is going to answer
     */
    public Generator(Audience audience) {
        this.audience = audience;
    }

    /** The script ends with a few operations more than were asked for, which leave only d0. */
    @Override
    public String script(Mode mode, long seed, int operations) {
        Dice dice = new Dice(Dice.child(seed, mode.word().hashCode()));
        Draft draft = new Draft();
        draft.remark("# fuzz: mode " + mode + ", seed " + seed + ", " + operations + " operations");
        Scene scene = new Scene(mode, audience, dice, draft);
        options(scene);
        open(scene);
        Kinds kinds = mode.trees() ? trees : flat;
        while (draft.operations() < operations) {
            if (scene.crowded()) {
                undoing.write(scene);
                undoingLeaves.write(scene);
            }
            kinds.any(dice).write(scene);
        }
        close(scene);
        return draft.text();
    }

    /** Most machines are as usual. */
    private static void options(Scene scene) {
        if (scene.dice().chance(OPTIONS_PERCENT)) {
            String option = scene.dice()
                    .one(
                            "gnttab_max_frames=4",
                            "gnttab_max_frames=2",
                            "gnttab_max_maptrack_frames=1",
                            "gnttab=transitive=off",
                            "gnttab=no-transfer",
                            VERSION_1_ALONE);
            scene.draft().remark("#!xen " + option);
            if (option.equals(VERSION_1_ALONE)) {
                scene.limitVersion(1);
            }
        }
    }

    private static void open(Scene scene) {
        Dice dice = scene.dice();
        Actor control = new Actor(0, false, scene.mode().version(dice));
        scene.born(control);
        CreateDomain.bringUp(scene, control);
        int domains = dice.between(1, 3);
        for (int domid = 1; domid <= domains; domid++) {
            // The first is what the mode is named after.
            boolean translated = scene.mode().translated() && (domid == 1 || dice.chance(40));
            Actor actor = new Actor(domid, translated, scene.mode().version(dice));
            Phrase create = new Phrase(0, "create").with("dom", actor.name()).with("type", translated ? "pvh" : "pv");
            if (scene.highestVersion() < 2) {
                create.with("gver", scene.highestVersion());
            }
            CreateDomain.giveBlock(scene, actor, create);
            scene.draft().operation(create);
            scene.born(actor);
            CreateDomain.bringUp(scene, actor);
        }
    }

    /** A last look, then all go but d0, which lets go of what it looks at. */
    private static void close(Scene scene) {
        Draft draft = scene.draft();
        draft.remark("# the end");
        for (Actor actor : scene.everyActor()) {
            draft.operation(new Phrase(0, "scan").with("tab", actor.name()).with("to", 40));
            for (int page = 0; page < LOOKED_AT && actor.running(); page++) {
                draft.operation(new Phrase(actor.domid(), "hash").with("addr", "p" + page));
            }
        }
        draft.operation(new Phrase(0, "opt").with("hold_status", 0));
        for (int domid = 0; domid < Scene.DOMAINS; domid++) {
            draft.operation(new Phrase(0, "forget").with("tab", "d" + domid));
        }
        for (int domid = 1; domid < Scene.DOMAINS; domid++) {
            draft.operation(new Phrase(0, "destroy").with("dom", "d" + domid));
        }
        for (int domid = 0; domid < Scene.DOMAINS; domid++) {
            draft.operation(new Phrase(0, "dominfo").with("dom", "d" + domid));
        }
    }
}
