package org.example.myformat;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import java.util.Set;

/** What ServiceLoader finds: the name of the format, and what the suite is to hold it to. */
public final class MyFormatProvider implements GrantFormatProvider {
    @Override
    public String name() {
        return "my-format";
    }

    /** What is named here must work, what is not named must be refused. */
    @Override
    public Set<Capability> capabilities() {
        return Set.of(
                Capability.GUEST_HOME,
                Capability.MANY_TABLES,
                Capability.EVERY_PIN_READS,
                Capability.IN_USE_BITS,
                Capability.FRAMES_ABOVE_16_TIB);
    }

    @Override
    public GrantFormat create(Ground ground) {
        return new MyFormat(ground.memory(), ground.frames());
    }
}
