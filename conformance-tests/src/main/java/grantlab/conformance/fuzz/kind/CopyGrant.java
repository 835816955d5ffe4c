package grantlab.conformance.fuzz.kind;

import grantlab.api.memory.Page;
import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Entry;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code copy}: from and to pages and references. */
public final class CopyGrant implements Batchable {
    private static final int SOURCE_GREF = 1;
    private static final int DEST_GREF = 2;
    private static final int[] WAYS = {0, SOURCE_GREF, SOURCE_GREF, SOURCE_GREF, DEST_GREF, DEST_GREF, DEST_GREF, 3};
    private static final int[] LENGTHS = {8, 16, 64, 64, 256, 1024, Page.SIZE};
    private static final int ANY_FLAGS = 16;
    private static final Pattern INTO_A_PAGE = Pattern.compile("dst=(p\\d+) doff=(\\d+) len=(\\d+)$");

    /** Nothing to configure. */
    public CopyGrant() {}

    @Override
    public int weight() {
        return 150;
    }

    /** What was copied is looked at: the last word that should have come. */
    @Override
    public void write(Scene scene) {
        Actor executor = scene.actor();
        String text = element(scene, executor).toString();
        scene.draft().operation(text);
        Matcher copied = INTO_A_PAGE.matcher(text);
        if (copied.find() && scene.dice().chance(40)) {
            int end = Integer.parseInt(copied.group(2)) + Integer.parseInt(copied.group(3));
            int word = Math.floorMod(end - 1, Page.SIZE) & -Long.BYTES;
            scene.draft().operation(new Phrase(executor.domid(), "rd").with("addr", copied.group(1) + "+" + word));
        }
    }

    @Override
    public Phrase element(Scene scene, Actor executor) {
        Dice dice = scene.dice();
        int flags = dice.chance(97) ? dice.oneOf(WAYS) : dice.below(ANY_FLAGS);
        int sourceOffset = offset(dice);
        int destOffset = offset(dice);
        int length = dice.chance(90)
                ? dice.oneOf(LENGTHS)
                : dice.chance(50) ? scene.hostile().length() : dice.below(4097);
        if (dice.chance(80)) {
            length = Math.min(length, Page.SIZE - Math.max(sourceOffset, destOffset));
        }
        if (dice.chance(3)) {
            sourceOffset = scene.hostile().offset();
        }
        if (dice.chance(2)) {
            destOffset = scene.hostile().offset();
        }
        Phrase phrase = new Phrase(executor.domid(), "copy").with("flags", flags);
        end(scene, executor, phrase, "sdom", "src", (flags & SOURCE_GREF) != 0, false);
        phrase.with("soff", sourceOffset);
        end(scene, executor, phrase, "ddom", "dst", (flags & DEST_GREF) != 0, true);
        return phrase.with("doff", destOffset).with("len", length);
    }

    private static int offset(Dice dice) {
        return dice.chance(80) ? dice.oneOf(0, 0, 8, 16, 100) : dice.below(Page.SIZE);
    }

    private static void end(
            Scene scene, Actor executor, Phrase phrase, String domainKey, String key, boolean gref, boolean writes) {
        Dice dice = scene.dice();
        if (!gref) {
            phrase.with(
                            domainKey,
                            dice.chance(93)
                                    ? "self"
                                    : dice.chance(60)
                                            ? executor.name()
                                            : scene.hostile().domain())
                    .with(key, scene.frame(executor));
            return;
        }
        Entry entry = dice.chance(87)
                ? scene.entryWhere(granted -> granted.grantee() == executor.domid()
                        && granted.kind() != Entry.Kind.TRANSFER
                        && !(writes && granted.readonly()))
                : null;
        Actor granter = entry == null ? scene.actor() : scene.actor(entry.granter());
        long ref = entry == null ? scene.ref() : entry.ref();
        Actor named = granter == null ? executor : granter;
        phrase.with(domainKey, scene.domain(named)).with(key, ref);
        if (entry == null || entry.kind() != Entry.Kind.HOP) {
            scene.touched(named.domid(), ref);
        }
    }
}
