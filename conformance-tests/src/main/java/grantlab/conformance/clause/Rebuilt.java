package grantlab.conformance.clause;

import grantlab.api.guest.Vcpu;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.function.UnaryOperator;

/** A world's granter or grantee once more under the same domid, as another toolstack would have configured it. */
final class Rebuilt {
    private Rebuilt() {}

    /** Before anything is done with the granter. */
    static Party granter(World world, UnaryOperator<DomainConfig> change) {
        return again(world, world.granter(), world.combination().granterPaging().name(), change);
    }

    /** Before anything is done with the grantee. */
    static Party grantee(World world, UnaryOperator<DomainConfig> change) {
        return again(world, world.grantee(), world.combination().granteePaging().name(), change);
    }

    private static Party again(World world, Party party, String paging, UnaryOperator<DomainConfig> change) {
        world.destroy(party);
        return world.boot(change.apply(world.config(party.domid(), paging)));
    }

    /** The grantee, with so many handles at most. */
    static Party granteeWithHandleFrames(World world, int frames) {
        return grantee(world, config -> config.withGrantLimits(-1, frames, 2));
    }

    /** The second CPU of a guest that was made with two. */
    static Vcpu secondCpu(World world, Party party) {
        return world.machine().vcpu(party.domain(), 1);
    }
}
