package org.example.handles;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import java.util.Set;

/** {@code memory-handles}: memory is shared, retrieved, relinquished and reclaimed by descriptors, in the manner of Arm's FF-A. */
public final class MemoryHandlesProvider implements GrantFormatProvider {
    @Override
    public String name() {
        return "memory-handles";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(
                Capability.GUEST_HOME,
                Capability.LARGE_LEAVES,
                Capability.MANY_TABLES,
                Capability.EVERY_PIN_READS,
                Capability.IN_USE_BITS,
                Capability.FRAMES_ABOVE_16_TIB);
    }

    @Override
    public GrantFormat create(Ground ground) {
        return new MemoryHandles(ground.memory(), ground.frames());
    }
}
