package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.notification.Rings;
import grantlab.hypervisor.tree.Binding;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.tree.Trees;
import grantlab.hypervisor.vdomid.VirtualDomids;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** v3_tree_create (grant-v3.md, section 5.2): the granter registers a tree whose nodes are in its own memory. */
@MachineScoped
public final class CreateTree {
    private static final int KNOWN_FLAGS = V3TreeCreate.FIXED_ID
            | V3TreeCreate.REVOCABLE_ONLY
            | V3TreeCreate.DEVICE
            | V3TreeCreate.LARGE_OK
            | V3TreeCreate.REVOKE_ON_DEATH
            | V3TreeCreate.AUTO_RESUME
            | V3TreeCreate.PAUSED;
    private static final StructForm FORM = new StructForm(
            V3TreeCreate.SIZE,
            V3TreeCreate.STATUS,
            KNOWN_FLAGS,
            given -> given.u8(V3TreeCreate.ZERO_15)
                    | given.u64(V3TreeCreate.ZERO_80)
                    | given.u64(V3TreeCreate.ZERO_80 + Long.BYTES));
    private final TreeFormats formats;
    private final Bindings bindings;

    @Inject
    CreateTree(TreeFormats formats, Bindings bindings) {
        this.formats = formats;
        this.bindings = bindings;
    }

    /** Creates. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::create);
    }

    private int create(Caller caller, FrameArguments arguments) {
        int refused = refuse(arguments);
        if (refused != Status.OKAY) {
            return refused;
        }
        int peer = arguments.u16(V3TreeCreate.PEER);
        boolean paused = has(arguments, V3TreeCreate.PAUSED);
        return caller.outside(
                () -> bindings.begin(caller.domain(), peer, paused, binding -> register(caller, arguments, binding)));
    }

    private static boolean has(FrameArguments arguments, int flag) {
        return (arguments.u32(V3Head.FLAGS) & flag) != 0;
    }

    /** What is wrong with the request by itself. */
    private int refuse(FrameArguments arguments) {
        if (arguments.u8(V3TreeCreate.PAGE_SHIFT) != Page.SHIFT) {
            return Status.UNSUPPORTED;
        }
        if (contradicts(arguments)) {
            return Status.INVAL;
        }
        int levels = arguments.u8(V3TreeCreate.LEVELS);
        boolean fits = levels >= 1
                && levels <= formats.chosen().maxLevels()
                && TreeLimits.fit(
                        levels,
                        arguments.u64(V3TreeCreate.INDEX_LIMIT),
                        arguments.u64(V3TreeCreate.MAX_MAPPINGS),
                        arguments.u64(V3TreeCreate.MAX_ACTIVE));
        return fits ? Status.OKAY : Status.BAD_SIZE;
    }

    private static boolean contradicts(FrameArguments arguments) {
        int slot = arguments.u16(V3TreeCreate.SLOT);
        boolean named = slot != 0 || arguments.u8(V3TreeCreate.GEN) != 0;
        boolean fixed = has(arguments, V3TreeCreate.FIXED_ID);
        boolean device = arguments.u32(V3TreeCreate.DEV_ID) != V3TreeCreate.NONE;
        return (fixed ? slot < 1 || slot > Trees.MOST : named)
                || device != has(arguments, V3TreeCreate.DEVICE)
                || (has(arguments, V3TreeCreate.REVOKE_ON_DEATH) && !has(arguments, V3TreeCreate.REVOCABLE_ONLY))
                || (has(arguments, V3TreeCreate.AUTO_RESUME)
                        && !VirtualDomids.isVirtual(arguments.u16(V3TreeCreate.PEER)));
    }

    private int register(Caller caller, FrameArguments arguments, Binding binding) {
        long ring = arguments.u32(V3TreeCreate.RING_ID);
        if (ring != V3TreeCreate.NONE && !caller.domain().rings().isGranterRing((int) ring)) {
            return Status.BAD_HANDLE;
        }
        Trees trees = caller.domain().trees();
        if (has(arguments, V3TreeCreate.FIXED_ID) && trees.taken(arguments.u16(V3TreeCreate.SLOT))) {
            return Status.BUSY;
        }
        return trees.full() ? Status.QUOTA : open(caller, arguments, binding);
    }

    private int open(Caller caller, FrameArguments arguments, Binding binding) {
        long root = arguments.u64(V3TreeCreate.ROOT_GFN);
        int levels = arguments.u8(V3TreeCreate.LEVELS);
        long span = Tree.span(levels);
        TreeFormat.Opened opened = new TreeFormat.Opened();
        int status = formats.chosen().open(caller.domain().physicalMap(), caller.domid(), root, levels, span, opened);
        TreeTable table = opened.table;
        if (status != Status.OKAY || table == null) {
            return status;
        }
        int ring = (int) arguments.u32(V3TreeCreate.RING_ID);
        Rings rings = caller.domain().rings();
        Tree tree = ring == Rings.NONE
                ? add(caller, arguments, binding, table)
                : rings.naming(ring, () -> add(caller, arguments, binding, table));
        if (tree == null) {
            table.dispose();
            return refusedMeanwhile(caller, ring);
        }
        arguments.set16(V3TreeCreate.SLOT, tree.slot());
        arguments.set8(V3TreeCreate.GEN, tree.generation());
        arguments.set32(V3TreeCreate.PEER_EPOCH, binding.epoch());
        arguments.set64(V3TreeCreate.BASE_REF, V3Ref.of(tree.slot(), tree.generation(), 0));
        return Status.OKAY;
    }

    /** What was possible before the root was opened, and was not any more. */
    private static int refusedMeanwhile(Caller caller, int ring) {
        if (ring != Rings.NONE && !caller.domain().rings().isGranterRing(ring)) {
            return Status.BAD_HANDLE;
        }
        return caller.domain().trees().full() ? Status.QUOTA : Status.BUSY;
    }

    private @Nullable Tree add(Caller caller, FrameArguments arguments, Binding binding, TreeTable table) {
        Tree.Terms terms = new Tree.Terms(
                (int) arguments.u32(V3Head.FLAGS),
                arguments.u16(V3TreeCreate.PEER),
                arguments.u64(V3TreeCreate.COOKIE),
                (int) arguments.u32(V3TreeCreate.RING_ID),
                (int) arguments.u32(V3TreeCreate.DEV_ID),
                arguments.u64(V3TreeCreate.ROOT_GFN));
        Trees.Maker maker = (slot, generation) -> {
            Tree tree = new Tree(caller.domid(), slot, generation, terms, table, binding);
            tree.setShape(arguments.u8(V3TreeCreate.LEVELS), arguments.u64(V3TreeCreate.INDEX_LIMIT));
            tree.setBounds(arguments.u64(V3TreeCreate.MAX_ACTIVE), arguments.u64(V3TreeCreate.MAX_MAPPINGS));
            return tree;
        };
        Trees trees = caller.domain().trees();
        return has(arguments, V3TreeCreate.FIXED_ID)
                ? trees.addAt(arguments.u16(V3TreeCreate.SLOT), arguments.u8(V3TreeCreate.GEN), maker)
                : trees.add(maker);
    }
}
