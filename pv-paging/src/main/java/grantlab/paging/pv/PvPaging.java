package grantlab.paging.pv;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.paging.PagingMode;
import grantlab.api.paging.PagingModeProvider;
import java.util.Set;

/** The paging mode {@code pv}. */
public final class PvPaging implements PagingModeProvider {
    private static final Set<Capability> CAPABILITIES =
            Set.of(Capability.TYPED_FRAMES, Capability.NAMES_ENTRIES, Capability.DEVICE_MAPPINGS);

    /** For ServiceLoader. */
    public PvPaging() {}

    @Override
    public String name() {
        return "pv";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public PagingMode create(Ground ground) {
        return (domid, physicalMap) ->
                new PvAddressSpace(domid, physicalMap.watcher(), ground.memory(), ground.frames());
    }
}
