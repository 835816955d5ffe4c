package grantlab.hypervisor.operation.tree;

import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.caller.Worker;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes from a domain that lives what it has mapped through some trees (grant-v3.md, section 11), in the order of v3_unmap: place,
 * flush, reference, pin. The mappings leave their sets, so the handle of one that is left with none is stale. Records are looked
 * at one after another: whoever drops pays for that, and nobody keeps a list for it.
 */
@MachineScoped
final class MappingDrop {
    private final LeafRelease release;
    private final Quiescence quiescence;
    private final Section section;
    private final AddressSpace.Mapped mapped = new AddressSpace.Mapped();

    @Inject
    MappingDrop(LeafRelease release, Quiescence quiescence) {
        this.release = release;
        this.quiescence = quiescence;
        this.section = quiescence.join();
    }

    /**
     * Drops. By one thread at a time, outside of every section.
     *
     * @param grantee whose mappings
     * @param trees unbound, and no map through them is under way
     * @param outbox of whoever drops
     */
    void drop(Domain grantee, List<Tree> trees, Outbox outbox) {
        Set<Long> ids = trees.stream().map(Tree::id).collect(Collectors.toSet());
        Worker by = LeafRelease.outsider(grantee, section, outbox);
        UnmappedLeaves unmapped = new UnmappedLeaves();
        Records records = grantee.books().records();
        for (int record = 0; record < records.capacity(); record++) {
            if (records.exists(record)) {
                take(grantee, record, ids, unmapped, by);
            }
        }
        finish(grantee, unmapped, by);
        // What the domain itself was unmapping meanwhile is over too.
        quiescence.await();
    }

    /** A record is what it seems only while its set is locked. */
    private void take(Domain grantee, int record, Set<Long> trees, UnmappedLeaves unmapped, Worker by) {
        Mapsets sets = grantee.books().mapsets();
        Records records = grantee.books().records();
        int set = records.set(record);
        if (set == Records.ALONE_SET) {
            takeAlone(grantee, record, trees, unmapped, by);
            return;
        }
        for (int spin = 0; sets.lockSlot(set); spin++) {
            boolean there = records.set(record) == set && isOf(grantee, record, trees);
            boolean claimed = there && UnmapSet.claimed(records, record);
            if (claimed) {
                sets.remove(set, record);
                UnmapSet.takeOut(grantee, record, unmapped, mapped);
            }
            sets.unlock(set, by.atHand.sets());
            if (!there || claimed) {
                break;
            }
            // Its granter takes it back at this moment, or makes it read-only.
            Spin.once(spin);
        }
        if (unmapped.full()) {
            finish(grantee, unmapped, by);
        }
    }

    /** A record alone is what it seems as long as its handle is good, and that is seen when it is claimed. */
    private void takeAlone(Domain grantee, int record, Set<Long> trees, UnmappedLeaves unmapped, Worker by) {
        Records records = grantee.books().records();
        int claimed = Records.CLAIMED_ALREADY;
        for (int spin = 0; claimed == Records.CLAIMED_ALREADY; spin++) {
            long handle = records.handle(record);
            boolean there = handle != 0 && isOf(grantee, record, trees);
            claimed = there ? records.claimAlone(handle, 1L << records.order(record)) : Records.NONE;
            Spin.once(spin);
        }
        if (claimed == record) {
            UnmapSet.takeOut(grantee, record, unmapped, mapped);
            if (unmapped.full()) {
                finish(grantee, unmapped, by);
            }
        }
    }

    private static boolean isOf(Domain grantee, int record, Set<Long> trees) {
        Records records = grantee.books().records();
        LeafActs acts = grantee.books().acts();
        return !records.flat(record) && trees.contains(acts.tree(records.act(record)));
    }

    private void finish(Domain grantee, UnmappedLeaves unmapped, Worker by) {
        if (unmapped.size() == 0) {
            return;
        }
        grantee.addressSpace().flush();
        release.releaseInside(grantee, unmapped, by);
    }
}
