package grantlab.grant.v2;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import java.util.Set;

/** {@code v2}: the format that a guest asks for with set_version. */
public final class FormatV2Provider implements GrantFormatProvider {
    private static final Set<Capability> CAPABILITIES = Set.of(
            Capability.FLAT_HOME,
            Capability.LAYOUT_V2,
            Capability.FRAMES_ABOVE_16_TIB,
            Capability.SUB_PAGE,
            Capability.TRANSITIVE,
            Capability.TRANSFER,
            Capability.SWAP,
            Capability.IN_USE_BITS);

    /** For ServiceLoader. */
    public FormatV2Provider() {}

    @Override
    public String name() {
        return "v2";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public GrantFormat create(Ground ground) {
        return new FormatV2(ground.memory());
    }
}
