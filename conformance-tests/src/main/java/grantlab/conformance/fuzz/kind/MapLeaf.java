package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.V3Map;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code v3_map}: leaves of trees, and references of the flat table through slot 0. */
public final class MapLeaf implements Batchable {
    private static final int ANY_FLAGS = 1 << 16;
    private static final int MOST = 6;

    /** Nothing to configure. */
    public MapLeaf() {}

    @Override
    public boolean hasCount() {
        return false;
    }

    @Override
    public int weight() {
        return 280;
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor grantee) {
        Dice dice = scene.dice();
        int variable = scene.variable();
        if (variable < 0) {
            return null;
        }
        int count = dice.chance(80) ? 1 : dice.between(2, MOST);
        int slot = dice.chance(96) ? scene.slots(grantee, count) : -1;
        Phrase phrase = new Phrase(grantee.domid(), "v3_map");
        boolean writable = source(scene, grantee, phrase);
        phrase.with("dest", dest(scene, grantee, slot)).with("flags", flags(scene, grantee, writable));
        if (count > 1 || dice.chance(3)) {
            phrase.with("count", dice.chance(97) ? count : dice.oneOf(0, 512, 513, 1 << 18, 1 << 19, -1));
        }
        if (dice.chance(8)) {
            phrase.with("order_req", dice.oneOf(0xff, 0xff, 9, 18, 1)).with("order_min", dice.oneOf(0, 0, 0, 9));
        }
        scene.grove().mapped(new Grove.Lease(variable, grantee.domid(), slot, count));
        return phrase.with("out", "v" + variable);
    }

    /** A leaf of one tree is mapped by who may, as it is most usual. */
    static void write(Scene scene, Grove.Tree tree) {
        Grove.Leaf leaf = scene.grove().leafWhere(one -> one.tree() == tree);
        if (leaf != null) {
            write(scene, leaf, 1);
        }
    }

    /** The same of some leaves beside one another, from one on. */
    static void write(Scene scene, Grove.Leaf leaf, int count) {
        Grove.Tree tree = leaf.tree();
        Actor grantee = tree.grantee() == Grove.NOBODY ? null : scene.actor(tree.grantee());
        if (grantee == null || !grantee.running()) {
            return;
        }
        int variable = scene.variable();
        if (variable < 0) {
            return;
        }
        int slot = scene.slots(grantee, count);
        Phrase phrase = new Phrase(grantee.domid(), "v3_map")
                .with("peer", "d" + tree.granter())
                .with("ref", tree.reference(leaf.index()));
        tree.addEpoch(phrase);
        if (count > 1) {
            phrase.with("count", count);
        }
        scene.grove().mapped(new Grove.Lease(variable, grantee.domid(), slot, count));
        scene.draft()
                .operation(phrase.with("dest", dest(scene, grantee, slot))
                        .with("flags", flags(scene, grantee, leaf.writable()))
                        .with("out", "v" + variable));
    }

    /** @return whether it lets the grantee write */
    private static boolean source(Scene scene, Actor grantee, Phrase phrase) {
        Dice dice = scene.dice();
        int chance = dice.below(100);
        Grove.Leaf leaf =
                chance < 80 ? scene.grove().leafWhere(one -> one.tree().grantee() == grantee.domid()) : null;
        if (leaf != null) {
            phrase.with(
                            "peer",
                            dice.chance(98)
                                    ? "d" + leaf.tree().granter()
                                    : scene.hostile().domain())
                    .with("ref", leaf.tree().reference(leaf.index()));
            if (dice.chance(97)) {
                leaf.tree().addEpoch(phrase);
            } else {
                phrase.with("epoch", dice.oneOf(0, 1, 2, -1));
            }
            return leaf.writable();
        }
        Grove.Tree tree = chance < 90 ? scene.grove().treeWhere(any -> true) : null;
        if (tree != null) {
            phrase.with("peer", "d" + tree.granter())
                    .with("ref", tree.reference(dice.oneOf(0, 3, 11, 511, 512, 513, 1 << 18, 1 << 30)));
            return dice.chance(50);
        }
        Entry entry = scene.entryWhere(granted -> granted.grantee() == grantee.domid() && granted.mappable());
        long ref = entry == null ? scene.ref() : entry.ref();
        int granter = entry == null ? scene.actor().domid() : entry.granter();
        phrase.with("peer", "d" + granter).with("ref", ref);
        scene.touched(granter, ref);
        return entry != null && !entry.readonly();
    }

    private static String dest(Scene scene, Actor grantee, int slot) {
        Dice dice = scene.dice();
        if (slot >= 0) {
            return dice.chance(98) == !grantee.translated() ? "pte:m" + slot : "m" + slot;
        }
        return dice.one(
                "m" + dice.below(Actor.MAPPING_SLOTS),
                "p" + dice.between(30, 39),
                "pte:m" + dice.below(Actor.MAPPING_SLOTS) + "+" + dice.oneOf(0, 4, 8),
                "none",
                "0x123456000");
    }

    private static int flags(Scene scene, Actor grantee, boolean writable) {
        Dice dice = scene.dice();
        int flags = V3Map.HOST | (grantee.translated() ? 0 : V3Map.DEST_PTE);
        if (dice.chance(writable ? 60 : 5)) {
            flags |= V3Map.WRITE;
        }
        if (dice.chance(10)) {
            flags |= V3Map.ALLOW_SPLIT;
        }
        if (dice.chance(60)) {
            flags |= V3Map.ACCEPT_FAULT;
        }
        if (dice.chance(60)) {
            flags |= V3Map.ACCEPT_DOWNGRADE;
        }
        if (dice.chance(15)) {
            flags |= dice.oneOf(V3Map.ACCEPT_ZERO, V3Map.ACCEPT_SNAPSHOT, V3Map.ACCEPT_ZERO | V3Map.ACCEPT_SNAPSHOT);
        }
        if (dice.chance(15)) {
            flags |= V3Map.ACCEPT_SINK;
        }
        return dice.chance(97) ? flags : dice.below(ANY_FLAGS);
    }
}
