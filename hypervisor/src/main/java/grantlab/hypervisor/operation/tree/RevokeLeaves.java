package grantlab.hypervisor.operation.tree;

import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Revoke;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.tree.Revocations;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.tree.Waits;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.function.ToIntFunction;

/**
 * v3_revoke (grant-v3.md, 8.2), by force: nothing new, replace, flush, release, audit, report. It goes on in slices of 32 leaves, and
 * between two of them the section is left. SOFT ends after the first: the grantee is asked, and whoever ends the last use tells.
 */
@MachineScoped
public final class RevokeLeaves {
    private static final StructForm FORM = new StructForm(
            V3Revoke.SIZE,
            V3Revoke.STATUS,
            V3Revoke.SOFT | V3Revoke.FORCE | V3Revoke.ASYNC | V3Revoke.WHOLE_TREE,
            given -> given.u8(V3Revoke.ZERO_13)
                    | given.u16(V3Revoke.ZERO_13 + 1)
                    | given.u64(V3Revoke.ZERO_40)
                    | given.u64(V3Revoke.ZERO_88));
    private static final int MOST_PAGES = 1 << 18;

    private final Domains domains;
    private final Taking taking;
    private final TreeTaking trees;
    private final DrainTaking drains;
    private final RevokeReferences references;
    private final ReferenceRequests requests;
    private final Notices notices;
    private final FrameTable frames;

    @Inject
    RevokeLeaves(
            Domains domains,
            Taking taking,
            TreeTaking trees,
            DrainTaking drains,
            RevokeReferences references,
            ReferenceRequests requests,
            Notices notices,
            Ground ground) {
        this.frames = ground.frames();
        this.domains = domains;
        this.taking = taking;
        this.trees = trees;
        this.drains = drains;
        this.references = references;
        this.requests = requests;
        this.notices = notices;
    }

    /** Takes back. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::revoke);
    }

    private int revoke(Caller caller, FrameArguments arguments) {
        int refused = refuse(arguments);
        if (refused != Status.OKAY) {
            return refused;
        }
        if (arguments.u16(V3Revoke.SLOT) == 0) {
            return isSoft(arguments)
                    ? requests.ask(caller, arguments)
                    : withFates(caller, arguments, fates -> references.revoke(caller, arguments, fates));
        }
        return OwnTree.find(
                caller,
                arguments.u16(V3Revoke.SLOT),
                arguments.u8(V3Revoke.GEN),
                tree -> reserve(caller, arguments, tree));
    }

    /** REVOKE-2 to REVOKE-5: what is wrong with the request by itself. */
    private static int refuse(FrameArguments arguments) {
        boolean soft = isSoft(arguments);
        if (soft == has(arguments, V3Revoke.FORCE) || (soft && has(arguments, V3Revoke.ASYNC))) {
            return Status.INVAL;
        }
        if (soft && (arguments.u8(V3Revoke.CPU_FATE) != 0 || arguments.u8(V3Revoke.DEV_FATE) != 0)) {
            return Status.INVAL;
        }
        if (!Announced.isCpuFate(arguments.u8(V3Revoke.CPU_FATE))
                || !Announced.isDeviceFate(arguments.u8(V3Revoke.DEV_FATE))) {
            return Status.UNSUPPORTED;
        }
        if ((arguments.u64(V3Revoke.SCRATCH_GFN) == V3Revoke.NO_SCRATCH) == sinks(arguments)) {
            return Status.INVAL;
        }
        long first = arguments.u64(V3Revoke.FIRST);
        long count = arguments.u64(V3Revoke.COUNT);
        if (isWhole(arguments)) {
            return first == 0 && count == 0 && arguments.u16(V3Revoke.SLOT) != 0 ? Status.OKAY : Status.INVAL;
        }
        if (count < 1 || count > MOST_PAGES) {
            return Status.BAD_SIZE;
        }
        return Long.compareUnsigned(arguments.u64(V3Revoke.DONE), count) > 0 ? Status.INVAL : Status.OKAY;
    }

    private static boolean sinks(FrameArguments arguments) {
        return arguments.u8(V3Revoke.DEV_FATE) == V3Revoke.DEV_SINK_WO;
    }

    private static boolean isSoft(FrameArguments arguments) {
        return has(arguments, V3Revoke.SOFT);
    }

    private static boolean has(FrameArguments arguments, int flag) {
        return (arguments.u32(V3Head.FLAGS) & flag) != 0;
    }

    private static boolean isWhole(FrameArguments arguments) {
        return has(arguments, V3Revoke.WHOLE_TREE);
    }

    /** REVOKE-7 and REVOKE-8. */
    private int reserve(Caller caller, FrameArguments arguments, Tree tree) {
        long first = arguments.u64(V3Revoke.FIRST);
        long count = arguments.u64(V3Revoke.COUNT);
        boolean whole = isWhole(arguments);
        if (!whole && (first < 0 || first > tree.indexLimit() - count)) {
            return Status.BAD_GNTREF;
        }
        if (!isSoft(arguments) && !TreeFlags.revocable(tree)) {
            return Status.NOT_REVOCABLE;
        }
        return withFates(caller, arguments, fates -> reserve(caller, arguments, tree, fates));
    }

    /** REVOKE-9: a scratch page is held while the call needs it; mappings that have it hold it for themselves. */
    private int withFates(Caller caller, FrameArguments arguments, ToIntFunction<Fates> deed) {
        long scratch = PlainPage.NONE;
        if (sinks(arguments)) {
            Domain granter = caller.domain();
            long gfn = arguments.u64(V3Revoke.SCRATCH_GFN);
            scratch = PlainPage.hold(frames, granter.physicalMap(), granter.domid(), gfn);
            if (scratch == PlainPage.NONE) {
                return Status.BAD_PAGE;
            }
        }
        try {
            return deed.applyAsInt(new Fates(arguments.u8(V3Revoke.CPU_FATE), scratch));
        } finally {
            if (scratch != PlainPage.NONE) {
                PlainPage.drop(frames, scratch);
            }
        }
    }

    /** REVOKE-10 to REVOKE-13. */
    private int reserve(Caller caller, FrameArguments arguments, Tree tree, Fates fates) {
        long first = arguments.u64(V3Revoke.FIRST);
        long count = arguments.u64(V3Revoke.COUNT);
        boolean whole = isWhole(arguments);
        if (!whole && LeafRange.cuts(caller, tree, first, count)) {
            return Status.BAD_SIZE;
        }
        if (has(arguments, V3Revoke.ASYNC) && tree.terms().ring() == Tree.NOTHING) {
            return Status.INVAL;
        }
        long pages = whole ? Revocations.WHOLE : count;
        Revocations.Begun begun = new Revocations.Begun();
        if (isSoft(arguments)) {
            Revocations.Request request =
                    tree.revocations().ask(first, pages, arguments.u64(V3Revoke.COOKIE), waits(caller), begun);
            return request == null ? inTheWay(arguments, begun) : ask(caller, arguments, tree, request);
        }
        if (!tree.revocations().begin(first, pages, begun)) {
            return inTheWay(arguments, begun);
        }
        boolean async = has(arguments, V3Revoke.ASYNC);
        if (async && !waits(caller).begin()) {
            tree.revocations().end(begun.id);
            return Status.QUOTA;
        }
        if (!notices.reserve(tree)) {
            if (async) {
                waits(caller).end();
            }
            tree.revocations().end(begun.id);
            return Status.QUOTA;
        }
        for (Revocations.Request request : tree.revocations().takeOver(first, pages)) {
            notices.requestOver(caller.outbox, tree, request, false);
        }
        return take(caller, arguments, tree, fates, begun.id);
    }

    private static Waits waits(Caller caller) {
        return caller.domain().trees().waits();
    }

    private static int inTheWay(FrameArguments arguments, Revocations.Begun begun) {
        if (begun.id == Revocations.NO_ROOM) {
            return Status.QUOTA;
        }
        arguments.set64(V3Revoke.REVOKE_ID, begun.id);
        return Status.BUSY;
    }

    /** Phases 1 and 2 of SOFT. */
    private int ask(Caller caller, FrameArguments arguments, Tree tree, Revocations.Request request) {
        if (!notices.reserve(tree)) {
            tree.revocations().withdraw(request);
            return Status.QUOTA;
        }
        int status = go(caller, arguments, tree, new Taking.Slice(request));
        arguments.set64(V3Revoke.REVOKE_ID, request.id());
        arguments.set32(V3Revoke.REPLACED, 0);
        arguments.set32(V3Revoke.UNMAPPED, 0);
        arguments.set32(V3Revoke.RESULT, 0);
        if (status != Status.OKAY) {
            if (tree.revocations().withdraw(request)) {
                notices.requestOver(caller.outbox, tree, request, false);
            }
        } else if (tree.revocations().settle(request)) {
            notices.requestOver(caller.outbox, tree, request, true);
        } else {
            arguments.set32(V3Revoke.RESULT, V3Revoke.SOFT_PENDING);
            notices.requested(caller.outbox, tree, arguments.u64(V3Revoke.FIRST), arguments.u64(V3Revoke.COUNT));
        }
        return status;
    }

    private int go(Caller caller, FrameArguments arguments, Tree tree, Taking.Slice slice) {
        Taker taker = Taker.of(caller);
        return isWhole(arguments)
                ? takeAll(taker, arguments, tree, slice)
                : takeRange(caller, taker, arguments, tree, slice);
    }

    private int take(Caller caller, FrameArguments arguments, Tree tree, Fates fates, long id) {
        Taking.Slice slice = new Taking.Slice(fates, has(arguments, V3Revoke.ASYNC));
        int status = go(caller, arguments, tree, slice);
        boolean complete = status == Status.OKAY;
        int result = (slice.residue ? V3Revoke.RESIDUAL_REFS : 0) | (slice.blocked ? V3Revoke.FELL_BACK_TO_BLOCK : 0);
        long first = arguments.u64(V3Revoke.FIRST);
        long count = arguments.u64(V3Revoke.COUNT);
        long cookie = arguments.u64(V3Revoke.COOKIE);
        Domain grantee = slice.pending ? Grantee.of(domains, tree) : null;
        arguments.set64(V3Revoke.REVOKE_ID, id);
        arguments.set32(V3Revoke.REPLACED, slice.replaced);
        arguments.set32(V3Revoke.UNMAPPED, slice.taken - slice.replaced);
        arguments.set32(V3Revoke.RESULT, grantee == null ? result : result | V3Revoke.DRAIN_PENDING);
        if (grantee != null) {
            drains.begin(new DrainTaking.Rest(
                    caller.domain(), grantee, tree, id, first, count, slice.taken, result, complete, cookie));
            return status;
        }
        if (has(arguments, V3Revoke.ASYNC)) {
            waits(caller).end();
        }
        tree.revocations().end(id);
        if (slice.taken != 0) {
            notices.revoked(caller.outbox, tree, first, count);
        }
        notices.revokeDone(caller.outbox, tree, id, slice.taken, result, complete, cookie);
        return complete && slice.residue ? Status.RESIDUAL : status;
    }

    private int takeRange(Caller caller, Taker taker, FrameArguments arguments, Tree tree, Taking.Slice slice) {
        long first = arguments.u64(V3Revoke.FIRST);
        long end = first + arguments.u64(V3Revoke.COUNT);
        long next = first + arguments.u64(V3Revoke.DONE);
        boolean stable = true;
        while (stable && next < end) {
            slice.begin();
            while (stable && next < end && !slice.full()) {
                long behind = close(caller, tree, next, slice);
                stable = behind > next;
                next = behind;
            }
            taking.finish(taker, Grantee.of(domains, tree), tree, slice);
            taker.pause();
            arguments.set64(V3Revoke.DONE, next - first);
        }
        return stable ? Status.OKAY : Status.UNSTABLE;
    }

    private int takeAll(Taker taker, FrameArguments arguments, Tree tree, Taking.Slice slice) {
        long before = arguments.u64(V3Revoke.DONE);
        return trees.take(taker, tree, slice, done -> arguments.set64(V3Revoke.DONE, before + done));
    }

    /**
     * Phase 1 of the leaf at an index: it becomes a tombstone, then its act is REVOKING. A granter that emptied an entry in use finds
     * its act all the same.
     *
     * @return the index behind it, or the same when the word keeps changing
     */
    private long close(Caller caller, Tree tree, long index, Taking.Slice slice) {
        Leaf leaf = caller.leaf;
        if (!LeafRange.locate(caller, tree, index)) {
            Taking.closeEmptied(Grantee.of(domains, tree), tree, index, slice);
            return index + 1;
        }
        if (tree.table().close(leaf.key, leaf.order, leaf.snapshot) != Status.OKAY) {
            return index;
        }
        Taking.revoking(Grantee.of(domains, tree), tree, leaf.key, slice);
        slice.add(leaf.key, leaf.order, leaf.gfn);
        return leaf.key + (1L << leaf.order);
    }
}
