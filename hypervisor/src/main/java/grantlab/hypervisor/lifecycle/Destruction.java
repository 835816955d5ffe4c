package grantlab.hypervisor.lifecycle;

import grantlab.api.Ground;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.operation.MappingRelease;
import grantlab.hypervisor.operation.tree.Bindings;
import grantlab.hypervisor.operation.tree.DeathTaking;
import grantlab.hypervisor.operation.tree.LeafRelease;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;

/**
 * A domain dies (xen-semantics 5): its devices are cut off, its own mappings go, its memory goes as far as nobody uses it, and it stays known until
 * the last of its frames is free. What others have mapped of it stays, unless a tree says that it is taken (REVOKE_ON_DEATH).
 */
@MachineScoped
public final class Destruction {
    private final Domains domains;
    private final FrameTable frames;
    private final MappingRelease mappings;
    private final LeafRelease leaves;
    private final DeathTaking taking;
    private final Bindings bindings;
    private final Quiescence quiescence;
    private final Section section;
    private final List<Domain> zombies = new ArrayList<>();
    private volatile boolean someDie;

    @Inject
    Destruction(
            Domains domains,
            Ground ground,
            MappingRelease mappings,
            LeafRelease leaves,
            DeathTaking taking,
            Bindings bindings,
            Quiescence quiescence) {
        this.domains = domains;
        this.frames = ground.frames();
        this.mappings = mappings;
        this.leaves = leaves;
        this.taking = taking;
        this.bindings = bindings;
        this.quiescence = quiescence;
        this.section = quiescence.join();
    }

    /**
     * Destroys. By a thread outside of every section.
     *
     * @param domain that nobody destroys already
     */
    public synchronized void destroy(Domain domain) {
        if (domain.dying()) {
            return;
        }
        domain.beginDying();
        quiescence.recall();
        domain.rings().dispose(frames);
        if (domain.passthrough() != null) {
            domain.passthrough().end();
        }
        taking.take(domain, section);
        mappings.release(domain, section);
        bindings.bury(domain, outbox -> endMappings(domain, outbox));
        // A granter in v3_sync may have found the books before nobody stood behind its tree.
        quiescence.await();
        domain.books().reserve().dispose(page -> PlainPage.drop(frames, page));
        domain.books().dispose();
        frames.retire(domain.domid());
        relinquishMemory(domain.domid());
        zombies.add(domain);
        someDie = true;
        reapDead();
    }

    private void endMappings(Domain domain, Outbox outbox) {
        domain.addressSpace().dispose();
        leaves.releaseAll(domain, section, outbox);
    }

    /** Every frame loses the reference of its allocation; those that others use stay until these are done. */
    private void relinquishMemory(int domid) {
        for (long mfn = frames.nextOwned(domid, 0); mfn != FrameTable.NONE; mfn = frames.nextOwned(domid, mfn + 1)) {
            if (frames.get(mfn, Page.ORDER_4K, domid)) {
                frames.releaseAllocation(mfn);
                frames.put(mfn, Page.ORDER_4K);
            }
        }
    }

    /** Forgets the dying domains of which nothing is left. By a thread outside of every section; cheap when nobody dies. */
    public void reap() {
        if (someDie) {
            reapSome();
        }
    }

    private synchronized void reapSome() {
        reapDead();
    }

    private void reapDead() {
        zombies.forEach(this::dropUnusedTrees);
        List<Domain> dead = zombies.stream().filter(this::nothingLeft).toList();
        // First, or what is mapped of the next domain with the number would be taken for one of these.
        dead.forEach(this::estrange);
        for (Domain domain : dead) {
            domains.remove(domain);
        }
        if (!dead.isEmpty()) {
            quiescence.await();
            dead.forEach(domain -> domain.grantTable().dispose());
            dead.forEach(Domain::forgetVcpus);
            zombies.removeAll(dead);
            someDie = !zombies.isEmpty();
        }
    }

    private void estrange(Domain dead) {
        for (Domain grantee : domains.all()) {
            grantee.maptrack().estrange(dead.domid());
            grantee.books().records().estrange(dead.domid());
        }
    }

    /** A tree holds its nodes for as long as something is in use through it. */
    private void dropUnusedTrees(Domain domain) {
        // Nobody begins a use of a dying domain's tree, and whoever was about to has left before it was a zombie.
        List<Tree> unused = domain.trees().all().stream()
                .filter(tree -> tree.active() == 0 && tree.revocations().none())
                .toList();
        if (!unused.isEmpty()) {
            // Whoever ended the last use may have kept its node.
            quiescence.recall();
        }
        for (Tree tree : unused) {
            domain.trees().remove(tree);
            tree.table().dispose();
        }
    }

    private boolean nothingLeft(Domain domain) {
        return frames.pages(domain.domid()) == 0
                && !domain.grantTable().framesHeldElsewhere()
                && domain.trees().count() == 0;
    }
}
