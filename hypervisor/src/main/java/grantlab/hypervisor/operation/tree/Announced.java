package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.V3Revoke;
import grantlab.hypervisor.domain.Domain;

/** Parts of grants v3 that a domain may or may not have: what v3_query says, and what everything else answers by. */
final class Announced {
    /** CPU fates, as v3_query tells them: fate n in bit n. */
    static final int CPU_FATES = 1 << V3Revoke.CPU_FAULT | 1 << V3Revoke.CPU_ZERO | 1 << V3Revoke.CPU_SNAPSHOT;

    /** Fates that mappings by operation 0 may accept, likewise: no page of a reserve is promised to them. */
    static final int LEGACY_FATES = 1 << V3Revoke.CPU_FAULT;

    /** Device fates, likewise. */
    static final int DEVICE_FATES = 1 << V3Revoke.DEV_BLOCK | 1 << V3Revoke.DEV_SINK_WO;

    private Announced() {}

    static boolean isDeviceFate(int fate) {
        return fate < Integer.SIZE && (DEVICE_FATES >>> fate & 1) != 0;
    }

    static boolean isCpuFate(int fate) {
        return fate < Integer.SIZE && (CPU_FATES >>> fate & 1) != 0;
    }

    /** Whether something may stand in for what is taken from a domain: not where its devices would read that. */
    static boolean standIns(Domain grantee) {
        return !devicesShareMap(grantee);
    }

    /** Mappings for devices: where this kind of guest has them in operation 0. */
    static boolean deviceMappings(Domain domain) {
        return domain.addressSpace().admits(Gntmap.HOST_MAP | Gntmap.DEVICE_MAP) == Status.OKAY;
    }

    /** Whether what enters the physical map of a domain is reached by its devices too (grant-v3.md, SEC-21), or by somebody outside. */
    static boolean devicesShareMap(Domain domain) {
        return domain.translated() && domain.physicalMap().watcher() != null;
    }
}
