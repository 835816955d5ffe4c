package grantlab.hypervisor.operation.tree;

import grantlab.api.abi.V3Revoke;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * The rest of a revocation with ASYNC (grant-v3.md, 8.2, phases 4 to 6): a thread of the hypervisor waits until devices have forgotten,
 * drops what their accesses held, and tells both sides. Until then the revocation is under way, and keeps the tree.
 */
@MachineScoped
final class DrainTaking {
    /** Leaves between which others may come in. */
    private static final int SLICE = 32;

    private final Domains domains;
    private final Taking taking;
    private final Notices notices;
    private final Section section;

    @Inject
    DrainTaking(Domains domains, Taking taking, Notices notices, Quiescence quiescence) {
        this.domains = domains;
        this.taking = taking;
        this.notices = notices;
        this.section = quiescence.join();
    }

    /**
     * What is left of one revocation.
     *
     * @param granter whose tree
     * @param grantee from whose devices it is taken
     * @param tree kept until the end
     * @param id names the revocation
     * @param first index
     * @param count indices; 0: all
     * @param taken mappings
     * @param result flags of {@link V3Revoke} so far
     * @param complete whether all of the range was come to
     * @param cookie of the call
     */
    record Rest(
            Domain granter,
            Domain grantee,
            Tree tree,
            long id,
            long first,
            long count,
            int taken,
            int result,
            boolean complete,
            long cookie) {}

    /** Begins, and does not wait. */
    void begin(Rest rest) {
        Thread.ofVirtual().name("drain-d" + rest.grantee().domid()).start(() -> end(rest));
    }

    private void end(Rest rest) {
        rest.grantee().addressSpace().flush();
        Outbox outbox = new Outbox();
        boolean leaks = resume(rest);
        Tree tree = rest.tree();
        notices.revoked(outbox, tree, rest.first(), rest.count());
        tree.revocations().end(rest.id());
        rest.granter().trees().waits().end();
        int result = rest.result() | (leaks ? V3Revoke.RESIDUAL_REFS : 0);
        notices.revokeDone(outbox, tree, rest.id(), rest.taken(), result, rest.complete(), rest.cookie());
        outbox.deliver();
    }

    /** By one at a time: the section is one. */
    private synchronized boolean resume(Rest rest) {
        Domain grantee = rest.grantee();
        LeafActs acts = grantee.books().acts();
        Taker taker = Taker.beside(rest.granter(), section);
        boolean leaks = false;
        section.enter();
        // A grantee that is gone has given all of it back.
        for (int act = 0; Grantee.of(domains, rest.tree()) == grantee && act < acts.capacity(); act++) {
            if (acts.exists(act) && isMeant(rest, acts, act)) {
                leaks |= taking.resume(taker, grantee, rest.tree(), acts.key(act));
            }
            if (act % SLICE == SLICE - 1) {
                taker.pause();
            }
        }
        section.leave();
        return leaks;
    }

    private static boolean isMeant(Rest rest, LeafActs acts, int act) {
        long key = acts.key(act);
        boolean within = rest.count() == 0 || (key >= rest.first() && key < rest.first() + rest.count());
        return within && acts.tree(act) == rest.tree().id() && LeafPins.state(acts.pins(act)) == LeafPins.REVOKING;
    }
}
