package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;

/** {@code v3_revoke}: some leaves of a tree are taken back, or all of it. */
public final class RevokeLeaves implements Kind {
    private static final String SCRATCH = "p45";
    private static final int TOUCHES = 5;

    /** Nothing to configure. */
    public RevokeLeaves() {}

    @Override
    public int weight() {
        return 24;
    }

    @Override
    public void write(Scene scene) {
        Dice dice = scene.dice();
        Grove.Tree tree = scene.grove().treeWhere(any -> true);
        if (tree == null) {
            return;
        }
        boolean whole = dice.chance(8);
        String flags = flags(dice);
        boolean asks = flags.equals("SOFT") && dice.chance(95);
        boolean sinks = !asks && dice.chance(15);
        Phrase phrase = new Phrase(
                        dice.chance(97) ? tree.granter() : scene.actor().domid(), "v3_revoke")
                .with("tree", tree.variable())
                .with("flags", flags + (whole ? "|WHOLE_TREE" : ""))
                .with("cpu_fate", asks || dice.chance(60) ? "CPU_FAULT" : dice.one("CPU_ZERO", "CPU_SNAPSHOT"))
                .with("dev_fate", sinks ? "DEV_SINK_WO" : "DEV_BLOCK");
        if (sinks && dice.chance(95)) {
            phrase.with("scratch_gfn", dice.chance(95) ? SCRATCH : scene.frame(scene.actor()));
        }
        if (!whole) {
            Grove.Leaf leaf = dice.chance(60) ? scene.grove().leafWhere(one -> one.tree() == tree) : null;
            phrase.with(
                            "first",
                            leaf != null ? leaf.index() : dice.chance(90) ? dice.below(12) : dice.oneOf(500, 512, -1))
                    .with("count", dice.chance(92) ? dice.between(1, 6) : dice.oneOf(0, 512, 1 << 18, -1));
        }
        scene.draft().operation(phrase);
        for (int n = dice.below(TOUCHES); n > 0; n--) {
            touch(scene, tree.grantee());
        }
    }

    /** Something that the grantee had mapped, and may have no more. */
    private static void touch(Scene scene, int grantee) {
        Dice dice = scene.dice();
        Grove.Lease lease = scene.grove().leaseWhere(one -> one.grantee() == grantee && one.slot() >= 0);
        if (lease != null) {
            boolean writes = dice.chance(50);
            Phrase phrase = new Phrase(grantee, writes ? "wr" : "rd")
                    .with("addr", "m" + (lease.slot() + dice.below(lease.count())) + "+8");
            scene.draft().operation(writes ? phrase.hex("val", dice.bits()) : phrase);
        }
    }

    private static String flags(Dice dice) {
        return dice.chance(75) ? "FORCE" : dice.one("SOFT", "SOFT", "FORCE|ASYNC");
    }
}
