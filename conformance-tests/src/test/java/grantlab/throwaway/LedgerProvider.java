package grantlab.throwaway;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import java.util.Set;

/** {@code ledger}: one page of the granter's memory, a line of 8 bytes for each grant. */
public final class LedgerProvider implements GrantFormatProvider {
    @Override
    public String name() {
        return "ledger";
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
        return new Ledger(ground.memory(), ground.frames());
    }
}
