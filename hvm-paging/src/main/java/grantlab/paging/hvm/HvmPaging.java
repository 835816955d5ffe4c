package grantlab.paging.hvm;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.paging.PagingMode;
import grantlab.api.paging.PagingModeProvider;
import java.util.Set;

/** The paging mode {@code hvm}, for HVM and PVH guests. */
public final class HvmPaging implements PagingModeProvider {
    private static final Set<Capability> CAPABILITIES = Set.of(Capability.TRANSLATED, Capability.LARGE_MAPPINGS);

    /** For ServiceLoader. */
    public HvmPaging() {}

    @Override
    public String name() {
        return "hvm";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public PagingMode create(Ground ground) {
        return (domid, physicalMap) -> new HvmAddressSpace(domid, physicalMap, ground.memory(), ground.frames());
    }
}
