package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.V3Query;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** v3_query (grant-v3.md, 5.1): what is there, what the caller may have, and what it is charged for. */
@MachineScoped
public final class QueryFeatures {
    private static final StructForm FORM =
            new StructForm(V3Query.SIZE, V3Query.STATUS, 0, given -> given.u32(V3Query.ZERO_60));
    private static final int SINGLE_PAGES = 1;
    private static final int ALL_ORDERS = 7;
    private static final int MOST_RING_PAGES = 16;

    private final TreeFormats formats;

    @Inject
    QueryFeatures(TreeFormats formats) {
        this.formats = formats;
    }

    /** Tells. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::tell);
    }

    private int tell(Caller caller, FrameArguments arguments) {
        Domain domain = caller.domain();
        int levels = formats.chosen().maxLevels();
        arguments.set32(V3Query.FEATURES, features(domain));
        arguments.set16(V3Query.PAGE_SHIFT, Page.SHIFT);
        arguments.set8(V3Query.MAX_LEVELS, levels);
        arguments.set8(V3Query.ORDERS, domain.translated() ? ALL_ORDERS : SINGLE_PAGES);
        arguments.set32(V3Query.MAX_TREES, domain.trees().quota());
        arguments.set32(V3Query.MAX_RING_PAGES, MOST_RING_PAGES);
        arguments.set64(V3Query.INDEX_LIMIT, Tree.span(levels));
        arguments.set64(V3Query.RECORDS_QUOTA, (long) domain.books().pool().quota() * Slab.PER_PAGE);
        arguments.set64(V3Query.RECORDS_USED, domain.books().mappings());
        arguments.set32(V3Query.CPU_FATES, Announced.CPU_FATES);
        arguments.set32(V3Query.DEV_FATES, Announced.DEVICE_FATES);
        return Status.OKAY;
    }

    private static int features(Domain domain) {
        int device = Gntmap.DEVICE_MAP | Gntmap.READONLY;
        return V3Query.REVOKE
                | V3Query.REVOKE_FLAT
                | V3Query.ASYNC
                | V3Query.DOWNGRADE
                | V3Query.INJECT
                | (domain.addressSpace().admits(device) == Status.OKAY ? V3Query.DEVICE : 0);
    }
}
