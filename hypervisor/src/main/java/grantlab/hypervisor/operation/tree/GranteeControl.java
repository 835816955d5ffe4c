package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Rings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * v3_grantee_ctl (grant-v3.md, section 8.4): on which ring a grantee hears of a granter's trees, and how many mappings of them it
 * lets itself be charged for; and what its mappings by operation 0 accept. The reserve and the mode INJECT are not announced.
 */
@Singleton
public final class GranteeControl {
    private static final StructForm FORM = new StructForm(
            V3GranteeCtl.SIZE,
            V3GranteeCtl.STATUS,
            V3GranteeCtl.FAULT_MODE_SET
                    | V3GranteeCtl.RING_SET
                    | V3GranteeCtl.SHARE_SET
                    | V3GranteeCtl.LEGACY_FATES_SET,
            V3GranteeCtl.ZERO_34,
            Short.BYTES,
            V3GranteeCtl.ZERO_44,
            Integer.BYTES);

    private final Reach reach;

    @Inject
    GranteeControl(Reach reach) {
        this.reach = reach;
    }

    /** Sets what the flags name. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::control);
    }

    private int control(Caller caller, FrameArguments arguments) {
        boolean ring = has(arguments, V3GranteeCtl.RING_SET);
        boolean share = has(arguments, V3GranteeCtl.SHARE_SET);
        if (!onlyFieldsOfFlags(arguments)) {
            return Status.INVAL;
        }
        if (arguments.u32(V3GranteeCtl.FAULT_MODE) != V3GranteeCtl.NONE) {
            return Status.UNSUPPORTED;
        }
        boolean fates = has(arguments, V3GranteeCtl.LEGACY_FATES_SET);
        if (fates && (arguments.u32(V3GranteeCtl.LEGACY_FATES) & ~Announced.LEGACY_FATES) != 0) {
            return Status.UNSUPPORTED;
        }
        if (fates && caller.domain().maptrack().anyMapping()) {
            return Status.BUSY;
        }
        int status = ring || share ? serveAndShare(caller, arguments, ring, share) : Status.OKAY;
        if (status == Status.OKAY && fates) {
            caller.domain().books().setLegacyFates((int) arguments.u32(V3GranteeCtl.LEGACY_FATES));
        }
        return status;
    }

    private int serveAndShare(Caller caller, FrameArguments arguments, boolean ring, boolean share) {
        Domain granter = granter(caller, arguments);
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        if (ring) {
            int refused = caller.domain().rings().judge(ringId(arguments), granter.domid());
            if (refused != Status.OKAY) {
                return refused;
            }
        }
        if (share && arguments.u32(V3GranteeCtl.SHARE) > caller.domain().books().usualShare()) {
            return Status.QUOTA;
        }
        int status = ring ? caller.domain().rings().serve(ringId(arguments), granter.domid()) : Status.OKAY;
        if (status == Status.OKAY && share) {
            setShare(caller.domain(), granter, (int) arguments.u32(V3GranteeCtl.SHARE));
        }
        return status;
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
                && arguments.u64(V3GranteeCtl.RESERVE_LIST_GFN) == 0
                && arguments.u32(V3GranteeCtl.RESERVE_PAGES) == 0
                && (has(arguments, V3GranteeCtl.LEGACY_FATES_SET) || arguments.u32(V3GranteeCtl.LEGACY_FATES) == 0);
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
