package grantlab.grant.tree.format;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import java.util.Set;

/** The tree under one of its names: they differ in how high the tree is that a guest brings up. */
interface TreeProvider extends GrantFormatProvider {
    /** Of every height. */
    Set<Capability> WITHOUT_LARGE_LEAVES = Set.of(
            Capability.GUEST_HOME,
            Capability.LAYOUT_TREE,
            Capability.MANY_TABLES,
            Capability.EVERY_PIN_READS,
            Capability.IN_USE_BITS,
            Capability.FRAMES_ABOVE_16_TIB);

    /** Of those that have nodes above level 1. */
    Set<Capability> WITH_LARGE_LEAVES = Set.of(
            Capability.GUEST_HOME,
            Capability.LAYOUT_TREE,
            Capability.MANY_TABLES,
            Capability.EVERY_PIN_READS,
            Capability.IN_USE_BITS,
            Capability.FRAMES_ABOVE_16_TIB,
            Capability.LARGE_LEAVES);

    /** Of the tree that a guest brings up: 1..4. */
    int levels();

    @Override
    default Set<Capability> capabilities() {
        return levels() > 1 ? WITH_LARGE_LEAVES : WITHOUT_LARGE_LEAVES;
    }

    @Override
    default GrantFormat create(Ground ground) {
        return new FormatTree(ground.memory(), ground.frames(), levels());
    }
}
