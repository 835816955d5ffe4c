package grantlab.hypervisor.operation.tree;

import grantlab.api.abi.V3TreeCreate;
import grantlab.api.grant.TreeTable;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * A granter dies, and what it granted through trees with REVOKE_ON_DEATH is taken back (grant-v3.md, section 11). Its nodes go first:
 * nobody reads marks in them any more, so that no word which somebody else keeps changing is in the way.
 */
@MachineScoped
public final class DeathTaking {
    private final TreeTaking taking;
    private final Notices notices;
    private final Quiescence quiescence;

    @Inject
    DeathTaking(TreeTaking taking, Notices notices, Quiescence quiescence) {
        this.taking = taking;
        this.notices = notices;
        this.quiescence = quiescence;
    }

    /**
     * Takes. Nobody begins a use of its trees any more.
     *
     * @param granter that dies
     * @param section of whoever buries it, outside
     */
    public void take(Domain granter, Section section) {
        Outbox outbox = new Outbox();
        for (Tree tree : granter.trees().all()) {
            if (tree.has(V3TreeCreate.REVOKE_ON_DEATH)) {
                take(granter, tree, section, outbox);
            }
        }
        outbox.deliver();
    }

    private void take(Domain granter, Tree tree, Section section, Outbox outbox) {
        TreeTable lost = tree.loseTable();
        quiescence.recall();
        lost.dispose();
        Taking.Slice slice = new Taking.Slice(Fates.GONE);
        section.enter();
        taking.take(Taker.beside(granter, section), tree, slice, done -> {});
        section.leave();
        if (slice.taken != 0) {
            notices.revoked(outbox, tree, 0, 0);
        }
    }
}
