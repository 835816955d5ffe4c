package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.V3Map;
import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Block;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code v3_map} of 2 MiB that are one leaf: as one mapping where that can be, by the page, or some of it. */
public final class MapBlock implements Batchable {
    /** Blocks behind one another in the hole. */
    private static final int HOLES = 2;

    /** Nothing to configure. */
    public MapBlock() {}

    @Override
    public boolean hasCount() {
        return false;
    }

    @Override
    public int weight() {
        return 40;
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor grantee) {
        Grove.Leaf leaf = scene.grove()
                .leafWhere(one -> one.order() == Page.ORDER_2M && one.tree().grantee() == grantee.domid());
        return leaf == null ? null : mapping(scene, grantee, leaf);
    }

    /** A leaf that was just granted is mapped. */
    static void write(Scene scene, Actor grantee, Grove.Leaf leaf) {
        Phrase phrase = mapping(scene, grantee, leaf);
        if (phrase != null) {
            scene.draft().operation(phrase);
        }
    }

    private static @Nullable Phrase mapping(Scene scene, Actor grantee, Grove.Leaf leaf) {
        Dice dice = scene.dice();
        int variable = scene.variable();
        if (variable < 0) {
            return null;
        }
        boolean whole = grantee.translated() && dice.chance(85);
        int slot = whole ? -1 : scene.slots(grantee, 1);
        int first = whole && dice.chance(90) ? 0 : dice.below(leaf.pages());
        int count = whole ? dice.chance(90) ? leaf.pages() - first : dice.between(1, Block.PAGES) : 1;
        Phrase phrase = new Phrase(grantee.domid(), "v3_map")
                .with("peer", "d" + leaf.tree().granter())
                .with("ref", leaf.tree().reference(leaf.index() + first))
                .with("dest", dest(dice, grantee, slot))
                .with("flags", flags(dice, grantee, leaf))
                .with("count", count)
                .with("order_req", whole ? dice.oneOf(9, 9, 9, 0xff, 0) : 0)
                .with("order_min", whole && dice.chance(10) ? 9 : 0);
        leaf.tree().addEpoch(phrase);
        scene.grove().mapped(new Grove.Lease(variable, grantee.domid(), slot, count));
        return phrase.with("out", "v" + variable);
    }

    private static String dest(Dice dice, Actor grantee, int slot) {
        if (slot >= 0) {
            return grantee.translated() ? "m" + slot : "pte:m" + slot;
        }
        // Where a page of it was given back there is room too.
        return dice.chance(95) ? Block.hole(Block.PAGES * dice.below(HOLES)) : Block.frame(0);
    }

    private static int flags(Dice dice, Actor grantee, Grove.Leaf leaf) {
        int flags = V3Map.HOST | (grantee.translated() ? 0 : V3Map.DEST_PTE);
        if (dice.chance(leaf.writable() ? 60 : 5)) {
            flags |= V3Map.WRITE;
        }
        if (dice.chance(30)) {
            flags |= V3Map.ALLOW_SPLIT;
        }
        return dice.chance(60) ? flags | V3Map.ACCEPT_FAULT : flags;
    }
}
