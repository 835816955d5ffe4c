package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.operation.FrameUse;
import grantlab.hypervisor.operation.Pinning;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * v3_map (grant-v3.md, sections 7 and 10), one leaf or page for each element: an element for more than one mapping, for a
 * device, or with accepted fates answers {@code unsupported}.
 */
@Singleton
public final class MapLeaf {
    private static final int KNOWN_FLAGS = V3Map.WRITE | V3Map.HOST | V3Map.DEST_PTE;

    private final Elements elements;
    private final Reach reach;
    private final Pinning pinning;
    private final FrameTable frames;
    private final Elements.Element element = this::perform;

    @Inject
    MapLeaf(Elements elements, Reach reach, Pinning pinning, Ground ground) {
        this.elements = elements;
        this.reach = reach;
        this.pinning = pinning;
        this.frames = ground.frames();
    }

    /** Maps each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return elements.run(caller, address, V3Map.SIZE, element);
    }

    private void perform(Caller caller, GuestArguments arguments) {
        int status = map(caller, arguments);
        if (status == Status.CRASH_CALLER) {
            caller.domain().crash();
            status = Status.GENERAL_ERROR;
        }
        arguments.set32(V3Map.STATUS, status);
    }

    private int map(Caller caller, GuestArguments arguments) {
        int flags = arguments.u16(V3Map.FLAGS);
        int order = arguments.u16(V3Map.ORDER_REQ) & 0xff;
        boolean entry = (flags & V3Map.DEST_PTE) != 0;
        if ((flags & ~KNOWN_FLAGS) != 0 || (flags & V3Map.HOST) == 0 || arguments.u32(V3Map.COUNT) != 1L << order) {
            return Status.UNSUPPORTED;
        }
        if (order != Page.ORDER_4K && order != Page.ORDER_2M && order != Page.ORDER_1G) {
            return Status.BAD_SIZE;
        }
        if (entry == caller.domain().translated()) {
            return Status.INVAL;
        }
        long reference = arguments.u64(V3Map.REF);
        Domain granter = reach.peer(arguments.u16(V3Map.PEER));
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        Tree tree = granter.trees().find(V3Ref.slot(reference));
        int reached = Reach.judge(caller, tree, reference);
        if (tree == null || reached != Status.OKAY) {
            return reached;
        }
        return pinAndInstall(caller, arguments, granter, tree, V3Ref.index(reference), order);
    }

    private int pinAndInstall(
            Caller caller, GuestArguments arguments, Domain granter, Tree tree, long index, int order) {
        int access = Access.READ | Access.HOST | ((arguments.u16(V3Map.FLAGS) & V3Map.WRITE) != 0 ? Access.WRITE : 0);
        int status = pinning.pin(granter, tree.grants(), index, caller.domid(), access, caller.leaf, caller.pin);
        if (status != Status.OKAY) {
            return status;
        }
        status = widen(caller, granter, order);
        if (status == Status.OKAY) {
            status = install(caller, arguments, granter, access, order);
        }
        if (status != Status.OKAY) {
            pinning.unpin(tree.grants(), caller.pin.act, caller.leaf.key, caller.leaf.order, access);
            return status;
        }
        record(caller, arguments, granter, tree, access, order);
        return Status.OKAY;
    }

    /** For a large mapping the pin's reference on one frame becomes one on the block; it stays with the pin otherwise. */
    private int widen(Caller caller, Domain granter, int order) {
        if (order == Page.ORDER_4K) {
            return Status.OKAY;
        }
        long frame = caller.pin.frame;
        long entry = granter.physicalMap().entry(caller.leaf.gfn);
        boolean large = caller.leaf.order >= order
                && entry != PhysicalMap.INVALID
                && PhysicalMap.orderOf(entry) >= order
                && frames.get(frame, order, granter.domid());
        frames.put(frame, Page.ORDER_4K);
        return large ? Status.OKAY : Status.BAD_SIZE;
    }

    private int install(Caller caller, GuestArguments arguments, Domain granter, int access, int order) {
        long frame = caller.pin.frame;
        if (order == Page.ORDER_4K && !FrameUse.HOST.holdType(frames, frame, access, granter, caller.domain())) {
            frames.put(frame, Page.ORDER_4K);
            return Status.GENERAL_ERROR;
        }
        long dest = arguments.u64(V3Map.DEST);
        boolean entry = (arguments.u16(V3Map.FLAGS) & V3Map.DEST_PTE) != 0;
        int flags = Gntmap.HOST_MAP | (Access.writes(access) ? 0 : Gntmap.READONLY) | (entry ? Gntmap.CONTAINS_PTE : 0);
        int status = caller.domain()
                .addressSpace()
                .map(
                        entry ? dest : Page.address(dest),
                        flags,
                        frame,
                        order,
                        access & (Access.READ | Access.WRITE),
                        caller.mapped);
        if (status != Status.OKAY) {
            Release.place(frames, frame, order, access, granter, caller.domain());
        }
        return status;
    }

    private void record(Caller caller, GuestArguments arguments, Domain granter, Tree tree, int access, int order) {
        long dest = arguments.u64(V3Map.DEST);
        boolean entry = (arguments.u16(V3Map.FLAGS) & V3Map.DEST_PTE) != 0;
        long handle = caller.domain()
                .mapsets()
                .add(new Mapsets.Mapset(
                        granter.domid(),
                        tree,
                        caller.leaf.key,
                        caller.leaf.order,
                        caller.pin.act,
                        caller.mapped.place,
                        caller.pin.frame,
                        order,
                        access,
                        entry ? dest : Page.address(dest)));
        arguments.set64(V3Map.HANDLE, handle);
        arguments.set64(V3Map.DEV_ADDR, Page.address(caller.pin.frame));
        arguments.set32(V3Map.DONE, 1L << order);
        arguments.set16(V3Map.ORDER_GOT, order);
    }
}
