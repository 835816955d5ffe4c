package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.grant.Leaf;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * v3_set_access (grant-v3.md, 8.3): what is mapped of a range for writing can only be read any more. First it is judged whether
 * everybody agreed, and nothing has changed then; after that it goes leaf by leaf, and how far it came is told. Between two slices of
 * 32 leaves or mappings the section is left.
 */
@MachineScoped
public final class SetAccess {
    private static final StructForm FORM = new StructForm(
            V3SetAccess.SIZE,
            V3SetAccess.STATUS,
            0,
            given -> given.u32(V3SetAccess.ZERO_12) | given.u32(V3SetAccess.ZERO_36) | given.u32(V3SetAccess.ZERO_60));
    private static final int MOST_PAGES = 1 << 18;
    private static final int SLICE = 32;

    private final Domains domains;
    private final Downgrading downgrading;
    private final Notices notices;

    @Inject
    SetAccess(Domains domains, Downgrading downgrading, Notices notices) {
        this.domains = domains;
        this.downgrading = downgrading;
        this.notices = notices;
    }

    /** Makes mappings read-only. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::set);
    }

    private int set(Caller caller, FrameArguments arguments) {
        if (arguments.u8(V3SetAccess.ACCESS) != V3SetAccess.READ_ONLY
                || arguments.u32(V3SetAccess.POLICY) != V3SetAccess.POLICY_FAULT) {
            return Status.UNSUPPORTED;
        }
        return OwnTree.find(caller, arguments.u16(V3SetAccess.SLOT), arguments.u8(V3SetAccess.GEN), tree -> {
            int refused = refuse(caller, arguments, tree);
            return refused != Status.OKAY ? refused : held(caller, arguments, tree);
        });
    }

    private int held(Caller caller, FrameArguments arguments, Tree tree) {
        tree.revocations().hold();
        try {
            return set(caller, arguments, tree);
        } finally {
            tree.revocations().letGo();
        }
    }

    /** DOWN-3, DOWN-4, DOWN-7. */
    private static int refuse(Caller caller, FrameArguments arguments, Tree tree) {
        long first = arguments.u64(V3SetAccess.FIRST);
        long count = arguments.u64(V3SetAccess.COUNT);
        if (count < 1 || count > MOST_PAGES) {
            return Status.BAD_SIZE;
        }
        if (first < 0 || first > tree.indexLimit() - count) {
            return Status.BAD_GNTREF;
        }
        if (LeafRange.cuts(caller, tree, first, count)) {
            return Status.BAD_SIZE;
        }
        return Long.compareUnsigned(arguments.u64(V3SetAccess.DONE), count) > 0 ? Status.INVAL : Status.OKAY;
    }

    private int set(Caller caller, FrameArguments arguments, Tree tree) {
        long first = arguments.u64(V3SetAccess.FIRST);
        long count = arguments.u64(V3SetAccess.COUNT);
        long begin = first + arguments.u64(V3SetAccess.DONE);
        if (!agreed(caller, tree, begin, first + count)) {
            return Status.NOT_REVOCABLE;
        }
        Downgrading.Progress progress = new Downgrading.Progress(begin);
        int status = Status.OKAY;
        while (status == Status.OKAY && progress.next < first + count) {
            status = slice(caller, tree, first + count, progress);
            arguments.set64(V3SetAccess.DONE, progress.next - first);
            breathe(caller);
        }
        if (progress.downgraded != 0) {
            notices.downgraded(caller.outbox, tree, begin, progress.next - begin);
        }
        if (status == Status.OKAY) {
            notices.downgradeDone(caller.outbox, tree, first, count, arguments.u64(V3SetAccess.COOKIE));
        }
        return status;
    }

    /** Whether everybody who has mapped a leaf of a range for writing agreed that it may become read-only. */
    private boolean agreed(Caller caller, Tree tree, long begin, long end) {
        long next = begin;
        while (next < end) {
            Domain grantee = Grantee.of(domains, tree);
            for (int n = 0; n < SLICE && next < end; n++) {
                boolean entry = LeafRange.locate(caller, tree, next);
                long key = entry ? caller.leaf.key : next;
                if (grantee != null && Downgrading.insists(grantee, tree, key)) {
                    return false;
                }
                next = entry ? key + (1L << caller.leaf.order) : next + 1;
            }
            breathe(caller);
        }
        return true;
    }

    /** Some leaves: first nobody begins to write any more, then what writes is changed. */
    private int slice(Caller caller, Tree tree, long end, Downgrading.Progress progress) {
        Leaf leaf = caller.leaf;
        for (int n = 0; n < SLICE && progress.next < end; n++) {
            boolean entry = LeafRange.locate(caller, tree, progress.next);
            long key = entry ? leaf.key : progress.next;
            long behind = entry ? key + (1L << leaf.order) : progress.next + 1;
            if (entry && tree.table().protect(key, leaf.order, leaf.snapshot) != Status.OKAY) {
                return Status.UNSTABLE;
            }
            Domain grantee = Grantee.of(domains, tree);
            int status = grantee == null ? Status.OKAY : downgrading.leaf(caller, grantee, tree, key, progress);
            if (status != Status.OKAY) {
                return status;
            }
            progress.next = behind;
        }
        return Status.OKAY;
    }

    private static void breathe(Caller caller) {
        caller.leaf.letGo();
        caller.section().leave();
        caller.section().enter();
    }
}
