package grantlab.conformance.fuzz.kind;

import grantlab.api.abi.Gntmap;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Mapped;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import org.jspecify.annotations.Nullable;

/** {@code map}. */
public final class MapGrant implements Batchable {
    private static final int ANY_FLAGS = 32;

    /** Nothing to configure. */
    public MapGrant() {}

    @Override
    public int weight() {
        return 240;
    }

    @Override
    public @Nullable Phrase element(Scene scene, Actor grantee) {
        Dice dice = scene.dice();
        Entry entry = dice.chance(88)
                ? scene.entryWhere(granted -> granted.grantee() == grantee.domid()
                        && granted.mappable()
                        && !scene.pinnedByOther(granted.granter(), granted.ref(), grantee.domid()))
                : null;
        // A PVH domain that maps its own grant loses the page, which soon would leave it none.
        if (entry != null && grantee.translated() && entry.granter() == grantee.domid() && dice.chance(80)) {
            return null;
        }
        int granter = entry == null ? scene.actor().domid() : entry.granter();
        long ref = entry == null ? scene.ref() : entry.ref();
        boolean readonly = entry == null ? dice.chance(30) : entry.readonly() && dice.chance(92);
        int flags = flags(dice, grantee, readonly);
        int slot = dice.chance(94) ? scene.slot(grantee) : -1;
        String address = address(scene, grantee, slot, flags);
        if (address.startsWith("pte:") && dice.chance(95)) {
            flags |= Gntmap.CONTAINS_PTE;
        }
        int variable = scene.variable();
        if (variable < 0) {
            return null;
        }
        scene.mapped(new Mapped(
                variable, grantee.domid(), granter, ref, flags, address, slot, owned(granter, frame(entry))));
        return new Phrase(grantee.domid(), "map")
                .with("addr", address)
                .with("flags", flags)
                .with("dom", dice.chance(97) ? "d" + granter : scene.hostile().domain())
                .with("ref", ref)
                .with("out", "v" + variable);
    }

    private static String frame(@Nullable Entry entry) {
        return entry == null ? "" : entry.frame();
    }

    /** A page by a name that everybody understands; nothing for what is no page of the granter. */
    private static String owned(int granter, String frame) {
        if (frame.startsWith("p")) {
            return "d" + granter + "." + frame;
        }
        return frame.startsWith("d") ? frame : "";
    }

    private static int flags(Dice dice, Actor grantee, boolean readonly) {
        int flags = Gntmap.HOST_MAP | (readonly || dice.chance(30) ? Gntmap.READONLY : 0);
        int chance = dice.below(100);
        if (chance >= 97) {
            return dice.below(ANY_FLAGS);
        }
        if (chance >= 96) {
            return flags | dice.oneOf(0x20, 0x8000, 0x10000, 0x7f0000);
        }
        if (grantee.translated()) {
            return flags;
        }
        if (chance >= 84) {
            return flags | Gntmap.DEVICE_MAP;
        }
        if (chance >= 79) {
            return (flags & ~Gntmap.HOST_MAP) | Gntmap.DEVICE_MAP;
        }
        return flags;
    }

    private static String address(Scene scene, Actor grantee, int slot, int flags) {
        Dice dice = scene.dice();
        if (slot < 0) {
            return elsewhere(scene, grantee);
        }
        boolean byEntry = (flags & Gntmap.CONTAINS_PTE) != 0 || dice.chance(5);
        return (byEntry && !grantee.translated() ? "pte:m" : "m") + slot;
    }

    private static String elsewhere(Scene scene, Actor grantee) {
        Dice dice = scene.dice();
        if (grantee.translated()) {
            // Where something stands already Xen crashes the domain, so seldom there.
            return dice.chance(6) ? "m" + dice.below(Actor.MAPPING_SLOTS) : strangeTranslated(scene, grantee);
        }
        return switch (dice.below(6)) {
            case 0, 1 -> "p" + dice.between(30, 39);
            case 2 -> "m" + dice.below(Actor.MAPPING_SLOTS);
            case 3 -> "m" + dice.below(Actor.MAPPING_SLOTS) + "+" + dice.oneOf(4, 8, 4095);
            case 4 -> "pte:m" + dice.below(Actor.MAPPING_SLOTS) + "+" + dice.oneOf(0, 4, 1);
            default -> scene.hostile().address(grantee);
        };
    }

    private static String strangeTranslated(Scene scene, Actor grantee) {
        Dice dice = scene.dice();
        return dice.chance(60)
                ? scene.hostile().address(grantee)
                : dice.one("m" + dice.between(50, 60) + "+4", "p" + dice.between(30, 40));
    }
}
