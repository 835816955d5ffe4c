package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeRecord;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.tree.Binding;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** v3_probe (grant-v3.md, 5.5): a grantee finds the trees that are granted to it, and looks at what leaves allow. */
@MachineScoped
public final class ProbeTrees {
    private static final StructForm FORM = new StructForm(
            V3Probe.SIZE,
            V3Probe.STATUS,
            0,
            given -> given.u8(V3Probe.ZERO_11)
                    | given.u64(V3Probe.ZERO_40)
                    | given.u64(V3Probe.ZERO_40 + Long.BYTES)
                    | given.u32(V3Probe.ZERO_60));
    private static final int MOST_RECORDS = Page.SIZE / V3TreeRecord.SIZE;
    private static final int MOST_WORDS = Page.SIZE / V3Probe.WORD_SIZE;

    private final Reach reach;

    @Inject
    ProbeTrees(Reach reach) {
        this.reach = reach;
    }

    /** Probes. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::probe);
    }

    private int probe(Caller caller, FrameArguments arguments) {
        int mode = arguments.u8(V3Probe.MODE);
        if (mode != V3Probe.TREES && mode != V3Probe.RANGE) {
            return Status.UNSUPPORTED;
        }
        boolean range = mode == V3Probe.RANGE;
        if (range && arguments.u32(V3Probe.DEV_ID) != 0) {
            return Status.INVAL;
        }
        long count = arguments.u32(V3Probe.COUNT);
        if (count < 1 || count > (range ? MOST_WORDS : MOST_RECORDS)) {
            return Status.BAD_SIZE;
        }
        if (!wellFormed(arguments.u64(V3Probe.REF))) {
            return Status.INVAL;
        }
        Domain granter = reach.peer(caller, arguments.u16(V3Probe.PEER));
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        return range ? range(caller, arguments, granter, (int) count) : trees(caller, arguments, granter, (int) count);
    }

    private static boolean wellFormed(long reference) {
        return V3Ref.wellFormed(reference) && (V3Ref.slot(reference) != 0 || FlatAlias.wellFormed(reference));
    }

    private static int trees(Caller caller, FrameArguments arguments, Domain granter, int room) {
        long page = arguments.array(arguments.u64(V3Probe.RESULT_GFN));
        if (page < 0) {
            return Status.BAD_PAGE;
        }
        int found = 0;
        int bound = granter.dying() ? 0 : granter.trees().bound();
        for (int slot = V3Ref.slot(arguments.u64(V3Probe.REF)); slot < bound && found < room; slot++) {
            Tree tree = granter.trees().find(slot);
            if (tree == null || !isFor(tree, arguments.u32(V3Probe.DEV_ID))) {
                continue;
            }
            Binding binding = tree.binding();
            if (binding.bound() && binding.grantee() == caller.domid()) {
                write(arguments, page + (long) found * V3TreeRecord.SIZE, tree, binding);
                found++;
            }
        }
        arguments.set32(V3Probe.DONE, found);
        return Status.OKAY;
    }

    private static boolean isFor(Tree tree, long device) {
        return device == V3Probe.ANY_DEVICE
                || device == Integer.toUnsignedLong(tree.terms().device());
    }

    private static void write(FrameArguments arguments, long record, Tree tree, Binding binding) {
        int flags = (tree.terms().flags() & ~V3TreeCreate.PAUSED) | (binding.paused() ? V3TreeCreate.PAUSED : 0);
        arguments.store16(record + V3TreeRecord.SLOT, tree.slot());
        arguments.store8(record + V3TreeRecord.GEN, tree.generation());
        arguments.store8(record + V3TreeRecord.LEVELS, tree.levels());
        arguments.store32(record + V3TreeRecord.FLAGS, flags);
        arguments.store64(record + V3TreeRecord.INDEX_LIMIT, tree.indexLimit());
        arguments.store32(record + V3TreeRecord.EPOCH, binding.epoch());
        arguments.store32(record + V3TreeRecord.DEV_ID, tree.terms().device());
        arguments.store64(record + V3TreeRecord.BASE_REF, V3Ref.of(tree.slot(), tree.generation(), 0));
    }

    private static int range(Caller caller, FrameArguments arguments, Domain granter, int count) {
        long reference = arguments.u64(V3Probe.REF);
        Tree tree = granter.trees().find(V3Ref.slot(reference));
        if (tree == null || granter.dying()) {
            return Status.BAD_TREE;
        }
        Binding binding = tree.binding();
        if (binding.grantee() != caller.domid()) {
            return Status.BAD_TREE;
        }
        if (tree.generation() != V3Ref.generation(reference)) {
            return Status.STALE;
        }
        long page = arguments.array(arguments.u64(V3Probe.RESULT_GFN));
        if (page < 0) {
            return Status.BAD_PAGE;
        }
        for (int n = 0; n < count; n++) {
            int word = binding.bound() ? word(tree, V3Ref.index(reference) + n, caller.leaf) : 0;
            arguments.store16(page + (long) n * V3Probe.WORD_SIZE, word);
        }
        arguments.set32(V3Probe.DONE, count);
        return Status.OKAY;
    }

    /** What a page allows: nothing where a map would find no leaf to judge. */
    private static int word(Tree tree, long index, Leaf leaf) {
        if (index >= tree.indexLimit()) {
            return 0;
        }
        int status = tree.table().locate(index, Access.READ, leaf);
        if (status != Status.OKAY && status != Status.REVOKED) {
            return 0;
        }
        int word = status == Status.REVOKED ? V3Probe.WORD_REVOKED : allowed(tree, leaf);
        tree.table().release(leaf);
        return word == 0 ? 0 : word | leaf.order << V3Probe.WORD_ORDER_SHIFT;
    }

    private static int allowed(Tree tree, Leaf leaf) {
        if (leaf.order != Page.ORDER_4K && !TreeFlags.largeLeaves(tree)) {
            return 0;
        }
        return V3Probe.WORD_READ
                | ((leaf.rights & Access.WRITE) != 0 ? V3Probe.WORD_WRITE : 0)
                | ((leaf.rights & Access.DEVICE) != 0 ? V3Probe.WORD_DEVICE : 0)
                | ((leaf.rights & Access.HOST) == 0 ? V3Probe.WORD_COPY_ONLY : 0);
    }
}
