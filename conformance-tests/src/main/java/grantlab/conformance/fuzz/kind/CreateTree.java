package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_tree_create}, with the table entries that lead to its node of leaves. */
public final class CreateTree implements Kind {
    private static final int VIRTUAL_PERCENT = 20;

    /** Nothing to configure. */
    public CreateTree() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Actor granter = scene.actor();
        Actor grantee = scene.actor();
        int virtual = dice.chance(VIRTUAL_PERCENT) ? scene.grove().virtual() : Grove.NOBODY;
        int levels = dice.oneOf(1, 1, 1, 2, 2, 2, 3, 4);
        Grove.Tree tree = virtual == Grove.NOBODY
                ? scene.grove().plant(granter.domid(), grantee.domid(), levels)
                : scene.grove().plantFor(granter.domid(), virtual, levels);
        String peer = virtual == Grove.NOBODY ? peer(scene, grantee) : Integer.toString(virtual);
        for (int level = levels; level > 1; level--) {
            scene.draft()
                    .operation(new Phrase(granter.domid(), "node")
                            .with("page", tree.nodes().get(levels - level))
                            .with("index", 0)
                            .with("frame", tree.nodes().get(levels - level + 1))
                            .with("w", dice.chance(90) ? 1 : 0));
        }
        scene.draft().operation(create(scene, granter, peer, levels, tree));
    }

    /** One with room for leaves of 2 MiB beside those of 4 KiB. */
    static Grove.Tree ofBlocks(Scene scene, Actor granter, Actor grantee) {
        Grove.Tree tree = scene.grove().plant(granter.domid(), grantee.domid(), 2);
        scene.draft()
                .operation(new Phrase(granter.domid(), "node")
                        .with("page", tree.nodes().getFirst())
                        .with("index", 0)
                        .with("frame", tree.lowest())
                        .with("w", 1));
        scene.draft()
                .operation(new Phrase(granter.domid(), "v3_tree_create")
                        .with("peer", grantee.name())
                        .with("levels", 2)
                        .with("root_gfn", tree.nodes().getFirst())
                        .with("flags", scene.dice().one("LARGE_OK", "LARGE_OK|REVOCABLE_ONLY"))
                        .with("out", tree.variable()));
        return tree;
    }

    private static Phrase create(Scene scene, Actor granter, String peer, int levels, Grove.Tree tree) {
        Dice dice = scene.dice();
        Phrase phrase = new Phrase(granter.domid(), "v3_tree_create")
                .with("peer", peer)
                .with("levels", dice.chance(97) ? levels : dice.oneOf(0, 5, 255))
                .with("root_gfn", dice.chance(95) ? tree.nodes().getFirst() : scene.frame(granter))
                .with("out", tree.variable());
        int ring = scene.grove().ring(granter.domid());
        if (ring != 0 || dice.chance(3)) {
            phrase.with("ring_id", dice.chance(97) ? ring : dice.between(0, 3)).with("cookie", levels);
        }
        if (dice.chance(10)) {
            phrase.with("index_limit", dice.oneOf(1, 8, 16, 511, 512, 513, 0, 1 << 18));
        }
        if (dice.chance(15)) {
            phrase.with("max_active", dice.oneOf(0, 1, 2, 5));
        }
        if (dice.chance(15)) {
            phrase.with("max_mappings", dice.oneOf(0, 1, 2, 5));
        }
        if (dice.chance(10)) {
            phrase.with("flags", "FIXED_ID")
                    .with("slot", dice.oneOf(1, 2, 5, 4095, 0, 4096))
                    .with("gen", dice.below(4));
        } else if (dice.chance(70)) {
            phrase.with(
                    "flags",
                    dice.one(
                            "LARGE_OK",
                            "PAUSED",
                            "REVOCABLE_ONLY",
                            "REVOCABLE_ONLY",
                            "REVOCABLE_ONLY|REVOKE_ON_DEATH",
                            "LARGE_OK|REVOCABLE_ONLY",
                            "AUTO_RESUME",
                            "DEVICE"));
        }
        return phrase;
    }

    private static String peer(Scene scene, Actor grantee) {
        return scene.dice().chance(97)
                ? scene.domain(grantee)
                : scene.dice().one("0x8000", "0x8001", "0x8fff", "0x9000");
    }
}
