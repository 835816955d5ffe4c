package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Sync;
import grantlab.api.grant.Leaf;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/**
 * v3_sync (grant-v3.md, 7.6): the bits that say in use are written anew from what is in use, for a granter that restored its
 * memory or lost events. Between slices the section is left, and the tree is looked up again.
 */
@MachineScoped
public final class SyncRange {
    private static final StructForm FORM = new StructForm(
            V3Sync.SIZE,
            V3Sync.STATUS,
            0,
            given -> given.u8(V3Sync.ZERO_11) | given.u32(V3Sync.ZERO_12) | given.u32(V3Sync.ZERO_44));
    private static final int MOST_PAGES = 1 << 18;
    private static final int SLICE = 32;

    private final Domains domains;

    @Inject
    SyncRange(Domains domains) {
        this.domains = domains;
    }

    /** Synchronises. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::synchronise);
    }

    private int synchronise(Caller caller, FrameArguments arguments) {
        int status = slice(caller, arguments);
        while (status == Status.OKAY && arguments.u64(V3Sync.DONE) < arguments.u64(V3Sync.COUNT)) {
            caller.section().leave();
            caller.section().enter();
            status = slice(caller, arguments);
        }
        return status;
    }

    private int slice(Caller caller, FrameArguments arguments) {
        int slot = arguments.u16(V3Sync.SLOT);
        return OwnTree.find(caller, slot, arguments.u8(V3Sync.GEN), tree -> {
            int refused = refuse(tree, arguments);
            return refused != Status.OKAY ? refused : some(caller, tree, arguments);
        });
    }

    private static int refuse(Tree tree, FrameArguments arguments) {
        long first = arguments.u64(V3Sync.FIRST);
        long count = arguments.u64(V3Sync.COUNT);
        if (count < 1 || count > MOST_PAGES) {
            return Status.BAD_SIZE;
        }
        if (first < 0 || first > tree.indexLimit() - count) {
            return Status.BAD_GNTREF;
        }
        return Long.compareUnsigned(arguments.u64(V3Sync.DONE), count) > 0 ? Status.INVAL : Status.OKAY;
    }

    /** At most so many leaves or gaps; done grows by the pages of each. */
    private int some(Caller caller, Tree tree, FrameArguments arguments) {
        Domain grantee = Grantee.of(domains, tree);
        long first = arguments.u64(V3Sync.FIRST);
        long count = arguments.u64(V3Sync.COUNT);
        long done = arguments.u64(V3Sync.DONE);
        for (int n = 0; n < SLICE && done < count; n++) {
            Leaf leaf = caller.leaf;
            int found = tree.table().locate(first + done, Access.READ, leaf);
            if (found != Status.OKAY && found != Status.REVOKED) {
                done++;
            } else {
                tree.table().release(leaf);
                if (written(grantee, tree, leaf) != Status.OKAY) {
                    arguments.set64(V3Sync.DONE, done);
                    return Status.UNSTABLE;
                }
                done = Math.min(count, leaf.key + (1L << leaf.order) - first);
            }
        }
        arguments.set64(V3Sync.DONE, done);
        return Status.OKAY;
    }

    /** Under the lock of the act; where nobody can have one there is none to be locked. */
    private static int written(@Nullable Domain grantee, Tree tree, Leaf leaf) {
        if (grantee == null) {
            return write(tree, leaf, 0, false);
        }
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), leaf.key);
        int act = bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), leaf.key);
        boolean same = act != LeafActs.NONE && acts.snapshot(act) == leaf.snapshot && acts.order(act) == leaf.order;
        boolean revoked = same && LeafPins.state(acts.pins(act)) == LeafPins.REVOKED;
        int status = write(tree, leaf, same && !revoked ? LeafPins.inUse(acts.pins(act)) : 0, revoked);
        buckets.unlockLook(bucket);
        return status;
    }

    private static int write(Tree tree, Leaf leaf, int inUse, boolean held) {
        tree.table().attached(leaf.key, leaf.order, held);
        return tree.table().synchronise(leaf.key, leaf.order, leaf.snapshot, inUse);
    }
}
