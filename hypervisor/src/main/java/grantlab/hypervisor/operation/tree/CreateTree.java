package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.tree.LeafNumbers;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * v3_tree_create (grant-v3.md, section 5): the hypervisor picks slot and generation. No flag is supported yet, and a tree has
 * no ring and no device.
 */
@Singleton
public final class CreateTree {
    private static final long NONE = 0xffff_ffffL;
    private static final int MOST_ACTIVE = 1 << 20;

    private final TreeFormats formats;

    @Inject
    CreateTree(TreeFormats formats) {
        this.formats = formats;
    }

    /** Creates. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, V3TreeCreate.SIZE)) {
            return -Errno.EFAULT;
        }
        arguments.set32(V3TreeCreate.STATUS, create(caller, arguments));
        return arguments.writeBack(address, V3TreeCreate.SIZE) ? 0 : -Errno.EFAULT;
    }

    private int create(Caller caller, GuestArguments arguments) {
        int refused = refuse(arguments);
        if (refused != Status.OKAY) {
            return refused;
        }
        TreeFormat format = formats.chosen();
        int levels = levels(arguments);
        long limit = arguments.u64(V3TreeCreate.INDEX_LIMIT);
        TreeFormat.Opened opened = new TreeFormat.Opened();
        int status = format.open(
                caller.domain().physicalMap(),
                caller.domid(),
                arguments.u64(V3TreeCreate.ROOT_GFN),
                levels,
                limit,
                opened);
        TreeTable table = opened.table;
        if (status != Status.OKAY || table == null) {
            return status;
        }
        return register(caller, arguments, table, limit);
    }

    private int refuse(GuestArguments arguments) {
        if (arguments.u16(V3Head.STRUCT_SIZE) != V3TreeCreate.SIZE || arguments.u16(V3Head.VERSION) != V3Head.THREE) {
            return Status.UNSUPPORTED;
        }
        boolean ring = arguments.u32(V3TreeCreate.RING_ID) != NONE;
        boolean device = arguments.u32(V3TreeCreate.DEV_ID) != NONE;
        int pageShift = arguments.u16(V3TreeCreate.LEVELS) >>> Byte.SIZE;
        if (arguments.u32(V3Head.FLAGS) != 0 || ring || device || pageShift != Page.SHIFT) {
            return Status.UNSUPPORTED;
        }
        int levels = levels(arguments);
        return levels < 1 || levels > formats.chosen().maxLevels() ? Status.BAD_SIZE : Status.OKAY;
    }

    private static int levels(GuestArguments arguments) {
        return arguments.u16(V3TreeCreate.LEVELS) & 0xff;
    }

    private int register(Caller caller, GuestArguments arguments, TreeTable table, long limit) {
        Acts acts = new Acts();
        long wanted = arguments.u64(V3TreeCreate.MAX_ACTIVE);
        int active = wanted > 0 && wanted < MOST_ACTIVE ? (int) wanted : MOST_ACTIVE;
        LeafNumbers leaves = new LeafNumbers(active, acts);
        Grants grants = new Grants(table, acts, leaves, formats.everyPinReads());
        int peer = arguments.u16(V3TreeCreate.PEER);
        Tree tree = caller.domain()
                .trees()
                .add((slot, generation) -> new Tree(slot, generation, peer, limit, table, leaves, grants));
        if (tree == null) {
            table.dispose();
            return Status.QUOTA;
        }
        arguments.set16(V3TreeCreate.SLOT, tree.slot());
        arguments.set16(V3TreeCreate.GEN, tree.generation());
        arguments.set64(V3TreeCreate.BASE_REF, V3Ref.of(tree.slot(), tree.generation(), 0));
        return Status.OKAY;
    }
}
