package grantlab.grant.v1;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import java.util.Set;

/** {@code v1}: the format that every domain starts with. */
public final class FormatV1Provider implements GrantFormatProvider {
    private static final Set<Capability> CAPABILITIES = Set.of(
            Capability.FLAT_HOME, Capability.LAYOUT_V1, Capability.TRANSFER, Capability.SWAP, Capability.IN_USE_BITS);

    /** For ServiceLoader. */
    public FormatV1Provider() {}

    @Override
    public String name() {
        return "v1";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public GrantFormat create(Ground ground) {
        return new FormatV1(ground.memory());
    }
}
