package grantlab.hypervisor.operation.tree;

import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.notification.Rings;
import grantlab.hypervisor.tree.Reserve;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * v3_grantee_ctl (grant-v3.md, section 8.4): on which ring a grantee hears of a granter's trees, and how many mappings of them it
 * lets itself be charged for; which of its pages stand in for what is taken from it; what its mappings by operation 0 accept; and whether
 * an access to what was taken gives an exception.
 */
@MachineScoped
public final class GranteeControl {
    private static final StructForm FORM = new StructForm(
            V3GranteeCtl.SIZE,
            V3GranteeCtl.STATUS,
            V3GranteeCtl.FAULT_MODE_SET
                    | V3GranteeCtl.RING_SET
                    | V3GranteeCtl.RESERVE_SET
                    | V3GranteeCtl.SHARE_SET
                    | V3GranteeCtl.LEGACY_FATES_SET,
            given -> given.u16(V3GranteeCtl.ZERO_34) | given.u32(V3GranteeCtl.ZERO_44));

    private final Reach reach;
    private final FrameTable frames;

    @Inject
    GranteeControl(Reach reach, Ground ground) {
        this.reach = reach;
        this.frames = ground.frames();
    }

    /** Sets what the flags name. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::control);
    }

    private int control(Caller caller, FrameArguments arguments) {
        if (!onlyFieldsOfFlags(arguments)) {
            return Status.INVAL;
        }
        if (arguments.u32(V3GranteeCtl.FAULT_MODE) > V3GranteeCtl.INJECT) {
            return Status.UNSUPPORTED;
        }
        Domain granter = null;
        if (has(arguments, V3GranteeCtl.RING_SET) || has(arguments, V3GranteeCtl.SHARE_SET)) {
            granter = granter(caller, arguments);
            int refused = granter == null ? Status.BAD_DOMAIN : refuseRing(caller, arguments, granter);
            if (refused != Status.OKAY) {
                return refused;
            }
        }
        return has(arguments, V3GranteeCtl.RESERVE_SET)
                ? exchangeReserve(caller, arguments, granter)
                : change(caller, arguments, granter);
    }

    /** FAULT-4, FAULT-5. */
    private static int refuseRing(Caller caller, FrameArguments arguments, Domain granter) {
        return has(arguments, V3GranteeCtl.RING_SET)
                ? caller.domain().rings().judge(ringId(arguments), granter.domid())
                : Status.OKAY;
    }

    /** FAULT-6, FAULT-7: each number is looked at once, and what is held is let go when anything is refused. */
    private int exchangeReserve(Caller caller, FrameArguments arguments, @Nullable Domain granter) {
        long count = arguments.u32(V3GranteeCtl.RESERVE_PAGES);
        if (count > Reserve.MOST) {
            return Status.BAD_SIZE;
        }
        long[] pages = new long[(int) count];
        int held = hold(caller.domain(), arguments, pages);
        int status = held == pages.length && isEachOnce(pages)
                ? caller.domain()
                        .books()
                        .reserve()
                        .exchange(pages, () -> change(caller, arguments, granter), this::drop)
                : Status.BAD_PAGE;
        for (int i = 0; status != Status.OKAY && i < held; i++) {
            drop(pages[i]);
        }
        return status;
    }

    /** @return how many are held */
    private int hold(Domain grantee, FrameArguments arguments, long[] pages) {
        long list = pages.length == 0 ? 0 : arguments.array(arguments.u64(V3GranteeCtl.RESERVE_LIST_GFN));
        int held = 0;
        while (list >= 0 && held < pages.length) {
            long gfn = arguments.load64(list + (long) held * Long.BYTES);
            long frame = PlainPage.hold(frames, grantee.physicalMap(), grantee.domid(), gfn);
            if (frame == PlainPage.NONE) {
                break;
            }
            pages[held++] = frame;
        }
        return held;
    }

    private static boolean isEachOnce(long[] pages) {
        return Arrays.stream(pages).distinct().count() == pages.length;
    }

    private void drop(long page) {
        PlainPage.drop(frames, page);
    }

    /** FAULT-8 to FAULT-10, and what is left to be set. */
    private static int change(Caller caller, FrameArguments arguments, @Nullable Domain granter) {
        Domain grantee = caller.domain();
        int refused = refuseShareAndFates(grantee, arguments);
        if (refused != Status.OKAY) {
            return refused;
        }
        int status = granter != null && has(arguments, V3GranteeCtl.RING_SET)
                ? grantee.rings().serve(ringId(arguments), granter.domid())
                : Status.OKAY;
        if (status == Status.OKAY && granter != null && has(arguments, V3GranteeCtl.SHARE_SET)) {
            setShare(grantee, granter, (int) arguments.u32(V3GranteeCtl.SHARE));
        }
        if (status == Status.OKAY && has(arguments, V3GranteeCtl.LEGACY_FATES_SET)) {
            grantee.books().setLegacyFates((int) arguments.u32(V3GranteeCtl.LEGACY_FATES));
        }
        if (status == Status.OKAY && has(arguments, V3GranteeCtl.FAULT_MODE_SET)) {
            grantee.books().setInjects(arguments.u32(V3GranteeCtl.FAULT_MODE) == V3GranteeCtl.INJECT);
        }
        return status;
    }

    private static int refuseShareAndFates(Domain grantee, FrameArguments arguments) {
        if (has(arguments, V3GranteeCtl.SHARE_SET)
                && arguments.u32(V3GranteeCtl.SHARE) > grantee.books().usualShare()) {
            return Status.QUOTA;
        }
        if (!has(arguments, V3GranteeCtl.LEGACY_FATES_SET)) {
            return Status.OKAY;
        }
        if ((arguments.u32(V3GranteeCtl.LEGACY_FATES) & ~Announced.LEGACY_FATES) != 0) {
            return Status.UNSUPPORTED;
        }
        return grantee.maptrack().anyMapping() ? Status.BUSY : Status.OKAY;
    }

    private static boolean has(FrameArguments arguments, int flag) {
        return (arguments.u32(V3Head.FLAGS) & flag) != 0;
    }

    private static int ringId(FrameArguments arguments) {
        return (int) arguments.u32(V3GranteeCtl.RING_ID);
    }

    /** FAULT-1. */
    private static boolean onlyFieldsOfFlags(FrameArguments arguments) {
        boolean ring = has(arguments, V3GranteeCtl.RING_SET);
        boolean share = has(arguments, V3GranteeCtl.SHARE_SET);
        return (has(arguments, V3GranteeCtl.FAULT_MODE_SET) || arguments.u32(V3GranteeCtl.FAULT_MODE) == 0)
                && (ring || arguments.u32(V3GranteeCtl.RING_ID) == 0)
                && (share || arguments.u32(V3GranteeCtl.SHARE) == 0)
                && (ring || share || arguments.u16(V3GranteeCtl.GRANTER) == 0)
                && (has(arguments, V3GranteeCtl.RESERVE_SET) || !namesReserve(arguments))
                && (has(arguments, V3GranteeCtl.LEGACY_FATES_SET) || arguments.u32(V3GranteeCtl.LEGACY_FATES) == 0);
    }

    private static boolean namesReserve(FrameArguments arguments) {
        return arguments.u64(V3GranteeCtl.RESERVE_LIST_GFN) != 0 || arguments.u32(V3GranteeCtl.RESERVE_PAGES) != 0;
    }

    /** FAULT-3. A ring for one that dies would stay for whoever gets its number. */
    private @Nullable Domain granter(Caller caller, FrameArguments arguments) {
        Domain granter = reach.peer(caller, arguments.u16(V3GranteeCtl.GRANTER));
        boolean serves = has(arguments, V3GranteeCtl.RING_SET) && ringId(arguments) != Rings.NONE;
        return granter != null && granter.dying() && serves ? null : granter;
    }

    private static void setShare(Domain grantee, Domain granter, int share) {
        int usual = grantee.books().usualShare();
        grantee.books().share(granter.domid()).setLimit(share == 0 ? usual : share);
    }
}
