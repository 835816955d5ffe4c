package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Share;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * v3_map (grant-v3.md, sections 7.1 and 10): a run of pages goes to a run of places, in as large mappings as both sides and
 * the element allow. What was mapped before something failed stays mapped and belongs to the handle.
 */
@Singleton
public final class MapRun {
    private static final int KNOWN_FLAGS =
            V3Map.WRITE | V3Map.HOST | V3Map.DEVICE | V3Map.ALLOW_SPLIT | V3Map.ACCEPT_FAULT | V3Map.DEST_PTE;
    private static final int MOST_PAGES = 1 << 18;
    private static final int ENTRY_BYTES = 8;
    private static final int NO_ORDER = -1;
    private static final int BOUND_MET = -2;
    private static final long NO_ADDRESS = -1;
    private static final StructForm FORM =
            new StructForm(V3Map.SIZE, V3Map.STATUS, 0, V3Map.ZERO_22, 2, V3Map.ZERO_54, 2, V3Map.ZERO_60, 4);

    private final Reach reach;
    private final LeafPinning leaves;
    private final FlatAlias alias;
    private final Notices notices;
    private final FrameTable frames;
    private final Elements.Element element = this::perform;

    @Inject
    MapRun(Reach reach, LeafPinning leaves, FlatAlias alias, Notices notices, Ground ground) {
        this.reach = reach;
        this.leaves = leaves;
        this.alias = alias;
        this.notices = notices;
        this.frames = ground.frames();
    }

    /** Maps each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return Elements.run(caller, address, V3Map.SIZE, element);
    }

    private void perform(Caller caller, FrameArguments arguments) {
        arguments.set32(V3Map.DONE, 0);
        arguments.set64(V3Map.HANDLE, 0);
        arguments.set64(V3Map.DEV_ADDR, NO_ADDRESS);
        int status = refuse(caller, arguments);
        arguments.set32(V3Map.STATUS, status != Status.OKAY ? status : map(caller, arguments));
    }

    /** MAP-1 to MAP-7: what is wrong with the element by itself. */
    private static int refuse(Caller caller, FrameArguments arguments) {
        int flags = arguments.u16(V3Map.FLAGS);
        boolean device = (flags & V3Map.DEVICE) != 0;
        if ((flags & ~KNOWN_FLAGS) != 0 || (device && !Announced.deviceMappings(caller.domain()))) {
            return Status.UNSUPPORTED;
        }
        if (!FORM.isClean(arguments) || !hasParts(caller, arguments, flags)) {
            return Status.INVAL;
        }
        int size = refuseSize(arguments, (flags & V3Map.DEST_PTE) != 0);
        if (size != Status.OKAY) {
            return size;
        }
        return Reference.wellFormed(arguments.u64(V3Map.REF)) ? Status.OKAY : Status.INVAL;
    }

    /** MAP-3. */
    private static boolean hasParts(Caller caller, FrameArguments arguments, int flags) {
        boolean host = (flags & V3Map.HOST) != 0;
        boolean entry = (flags & V3Map.DEST_PTE) != 0;
        boolean typed = !caller.domain().translated();
        return (host || (flags & V3Map.DEVICE) != 0)
                && entry == (typed && host)
                && (host || !typed || arguments.u64(V3Map.DEST) == 0);
    }

    /** MAP-4 to MAP-6. */
    private static int refuseSize(FrameArguments arguments, boolean entry) {
        int wanted = arguments.u8(V3Map.ORDER_REQ);
        int least = arguments.u8(V3Map.ORDER_MIN);
        long count = arguments.u32(V3Map.COUNT);
        boolean orders = (wanted == V3Map.BEST || isOrder(wanted)) && isOrder(least) && least <= wanted;
        if (!orders || count < 1 || count > MOST_PAGES) {
            return Status.BAD_SIZE;
        }
        long dest = arguments.u64(V3Map.DEST);
        if (entry && dest % ENTRY_BYTES != 0) {
            return Status.INVAL;
        }
        return entry && Page.offset(dest) + count * ENTRY_BYTES > Page.SIZE ? Status.BAD_SIZE : Status.OKAY;
    }

    private static boolean isOrder(int order) {
        return order == Page.ORDER_4K || order == Page.ORDER_2M || order == Page.ORDER_1G;
    }

    /** MAP-8 to MAP-12. */
    private int map(Caller caller, FrameArguments arguments) {
        Domain granter = reach.peer(caller, arguments.u16(V3Map.PEER));
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        long reference = arguments.u64(V3Map.REF);
        if (V3Ref.slot(reference) == 0) {
            return arguments.u32(V3Map.EPOCH) == 0 ? collect(caller, arguments, granter, null) : Status.STALE;
        }
        Tree tree = granter.trees().find(V3Ref.slot(reference));
        int reached = Reach.judge(caller, granter, tree, reference, arguments.u32(V3Map.EPOCH));
        if (tree == null || reached != Status.OKAY) {
            return reached;
        }
        return mayBeTakenBack(arguments, tree) ? collect(caller, arguments, granter, tree) : Status.NOT_REVOCABLE;
    }

    /** MAP-13. Copies and devices need agree to nothing: they end by themselves, or are blocked. */
    private static boolean mayBeTakenBack(FrameArguments arguments, Tree tree) {
        int flags = arguments.u16(V3Map.FLAGS);
        return !TreeFlags.revocable(tree) || (flags & V3Map.HOST) == 0 || (flags & V3Map.ACCEPT_FAULT) != 0;
    }

    private static int gntmapFlags(FrameArguments arguments) {
        int flags = arguments.u16(V3Map.FLAGS);
        return ((flags & V3Map.HOST) != 0 ? Gntmap.HOST_MAP : 0)
                | ((flags & V3Map.DEVICE) != 0 ? Gntmap.DEVICE_MAP : 0)
                | ((flags & V3Map.WRITE) != 0 ? 0 : Gntmap.READONLY)
                | ((flags & V3Map.DEST_PTE) != 0 ? Gntmap.CONTAINS_PTE : 0);
    }

    /** All that the element maps is one set, with one handle. */
    private int collect(Caller caller, FrameArguments arguments, Domain granter, @Nullable Tree tree) {
        Mapsets sets = caller.domain().books().mapsets();
        int count = (int) arguments.u32(V3Map.COUNT);
        int set = sets.begin(count);
        if (set == Mapsets.NONE) {
            return Status.QUOTA;
        }
        int least = arguments.u8(V3Map.ORDER_MIN);
        int smallest = Page.ORDER_1G;
        int status = Status.OKAY;
        int done = 0;
        while (done < count && status == Status.OKAY) {
            status = Status.BAD_SIZE;
            for (int order = largest(caller, arguments, tree);
                    status == Status.BAD_SIZE && order >= least;
                    order = next(order, arguments)) {
                if (isPossible(arguments, done, count - done, order)) {
                    status = block(caller, arguments, granter, tree, set, done, order);
                    if (status == Status.OKAY) {
                        smallest = Math.min(smallest, order);
                        done += 1 << order;
                        break;
                    }
                }
            }
        }
        finish(sets, set, arguments, done, smallest);
        return status;
    }

    private static void finish(Mapsets sets, int set, FrameArguments arguments, int done, int smallest) {
        if (done == 0) {
            sets.unlock(set);
            return;
        }
        arguments.set64(V3Map.HANDLE, sets.publish(set));
        arguments.set32(V3Map.DONE, done);
        arguments.set8(V3Map.ORDER_GOT, smallest);
    }

    /** The first order to try: of a page-table entry and of a flat table's reference there is but one. */
    private static int largest(Caller caller, FrameArguments arguments, @Nullable Tree tree) {
        int wanted = Math.min(arguments.u8(V3Map.ORDER_REQ), Page.ORDER_1G);
        boolean onlyPages = tree == null || !caller.domain().translated();
        return !onlyPages || wanted == Page.ORDER_4K ? wanted : next(Page.ORDER_2M, arguments);
    }

    /** The order to try behind one that was not possible; below every order where there is none. */
    private static int next(int order, FrameArguments arguments) {
        boolean smallerToo =
                arguments.u8(V3Map.ORDER_REQ) == V3Map.BEST || (arguments.u16(V3Map.FLAGS) & V3Map.ALLOW_SPLIT) != 0;
        if (!smallerToo || order == Page.ORDER_4K) {
            return NO_ORDER;
        }
        return order == Page.ORDER_1G ? Page.ORDER_2M : Page.ORDER_4K;
    }

    /** Whether the numbers of both sides admit an order. */
    private static boolean isPossible(FrameArguments arguments, int done, int left, int order) {
        if (order == Page.ORDER_4K) {
            return true;
        }
        long numbers = V3Ref.index(arguments.u64(V3Map.REF)) + done | arguments.u64(V3Map.DEST) + done;
        return (numbers & (1L << order) - 1) == 0 && left >= 1 << order;
    }

    /** MAP-20 to MAP-34: one mapping. */
    private int block(
            Caller caller,
            FrameArguments arguments,
            Domain granter,
            @Nullable Tree tree,
            int set,
            int done,
            int order) {
        return tree == null
                ? flat(caller, arguments, granter, set, done)
                : leaf(caller, arguments, granter, tree, set, done, order);
    }

    private int leaf(Caller caller, FrameArguments arguments, Domain granter, Tree tree, int set, int done, int order) {
        long index = V3Ref.index(arguments.u64(V3Map.REF)) + done;
        if (index >= tree.indexLimit()) {
            return Status.BAD_GNTREF;
        }
        int access = access(arguments);
        int status = leaves.pin(caller, granter, tree, index, access, order);
        if (status != Status.OKAY) {
            return status;
        }
        LeafActs acts = caller.domain().books().acts();
        int act = caller.leafPin.act;
        int bucket = caller.leafPin.bucket;
        int record = charged(caller, tree, tree.binding().share());
        if (record < 0) {
            frames.put(caller.leafPin.frame, order);
            leaves.undo(caller, tree, access);
            if (record == BOUND_MET) {
                notices.quotaHit(caller.outbox, tree, index, Notices.MAX_MAPPINGS);
            }
            return Status.QUOTA;
        }
        status =
                install(caller, arguments, granter, set, done, order, record, act, caller.leafPin.frame, access, false);
        if (status != Status.OKAY) {
            discharge(caller, tree, tree.binding().share(), record);
            leaves.undo(caller, tree, access);
            return status;
        }
        caller.domain().books().records().link(acts, act, record);
        acts.unlock(bucket);
        acts.spread();
        if (done == 0) {
            arguments.set8(V3Map.ENTRY_GEN, tree.table().generation(caller.leaf.snapshot));
        }
        return Status.OKAY;
    }

    /** The alias of the flat table: pinned as every grant of it. */
    private int flat(Caller caller, FrameArguments arguments, Domain granter, int set, int done) {
        int access = access(arguments);
        int status = alias.pin(caller, granter, arguments.u64(V3Map.REF) + done, access);
        if (status != Status.OKAY) {
            return status;
        }
        Share share = caller.domain().books().share(granter.domid());
        int record = charged(caller, null, share);
        if (record == Records.NONE) {
            alias.undo(caller, granter, access);
            return Status.QUOTA;
        }
        int act = caller.pin.act;
        status = install(
                caller, arguments, granter, set, done, Page.ORDER_4K, record, act, caller.pin.frame, access, true);
        if (status != Status.OKAY) {
            discharge(caller, null, share, record);
            alias.unpin(granter, caller.section(), act, access);
        }
        return status;
    }

    /** MAP-32: a record within all bounds. @return its number; or NONE, or BOUND_MET of the tree's, and nothing is charged */
    private static int charged(Caller caller, @Nullable Tree tree, Share share) {
        if (!share.take(1)) {
            return Records.NONE;
        }
        if (tree != null && !tree.takeMappings(1)) {
            share.give(1);
            return BOUND_MET;
        }
        int record = caller.domain().books().records().take();
        if (record == Records.NONE) {
            share.give(1);
            if (tree != null) {
                tree.giveMappings(1);
            }
        }
        return record;
    }

    private static void discharge(Caller caller, @Nullable Tree tree, Share share, int record) {
        caller.domain().books().records().give(record);
        if (tree != null) {
            tree.giveMappings(1);
        }
        share.give(1);
    }

    private static int access(FrameArguments arguments) {
        int flags = arguments.u16(V3Map.FLAGS);
        return Access.READ
                | ((flags & V3Map.WRITE) != 0 ? Access.WRITE : 0)
                | ((flags & V3Map.HOST) != 0 ? Access.HOST : 0)
                | ((flags & V3Map.DEVICE) != 0 ? Access.DEVICE : 0);
    }

    /** References of each part, the place, the record in its set; all or nothing. The pin's reference is used up. */
    private int install(
            Caller caller,
            FrameArguments arguments,
            Domain granter,
            int set,
            int done,
            int order,
            int record,
            int act,
            long frame,
            int access,
            boolean flat) {
        Domain grantee = caller.domain();
        boolean host = (access & Access.HOST) != 0;
        if (!Holding.take(frames, frame, order, access, granter, grantee)) {
            return Status.BAD_PAGE;
        }
        long place = Records.NONE;
        int status = Status.OKAY;
        if (host) {
            status = place(caller, arguments, done, order, frame, access);
            place = caller.mapped.place;
        }
        if (status != Status.OKAY) {
            Holding.drop(frames, frame, order, access, granter, grantee);
            return status;
        }
        status = DeviceReach.begin(frame, access, granter, grantee);
        if (status == Status.OKAY) {
            Books books = grantee.books();
            books.records().fill(record, access, order, place, frame, granter.domid(), act, flat);
            if (books.mapsets().append(set, record, 1 << order)) {
                tellDevices(arguments, done, frame, access, grantee);
                return Status.OKAY;
            }
            DeviceReach.end(frame, access, granter.domid(), grantee);
            status = Status.QUOTA;
        }
        takeBack(caller, granter, order, frame, access);
        return status;
    }

    private static void tellDevices(FrameArguments arguments, int done, long frame, int access, Domain grantee) {
        if (done == 0 && ((access & Access.DEVICE) != 0 || !grantee.translated())) {
            arguments.set64(V3Map.DEV_ADDR, Page.address(frame));
        }
    }

    /**
     * Nobody was told of the place yet, but a vCPU may have found it: it may hold something else by now, and then whoever changed it
     * let go of the frame.
     */
    private void takeBack(Caller caller, Domain granter, int order, long frame, int access) {
        AddressSpace space = caller.domain().addressSpace();
        boolean stood = (access & Access.HOST) != 0
                && space.remove(caller.mapped.place, order, frame, caller.mapped) == Status.OKAY;
        space.flush();
        if (stood) {
            int held = caller.mapped.access | Access.HOST;
            Holding.drop(frames, frame, order, held, granter, caller.domain());
        }
        Holding.drop(frames, frame, order, access & ~Access.HOST, granter, caller.domain());
    }

    private static int place(Caller caller, FrameArguments arguments, int done, int order, long frame, int access) {
        int flags = gntmapFlags(arguments) & ~Gntmap.DEVICE_MAP;
        long dest = arguments.u64(V3Map.DEST);
        boolean entry = (flags & Gntmap.CONTAINS_PTE) != 0;
        // The address of a larger number would be that of another frame.
        if (!entry && Long.compareUnsigned(dest, Page.FRAME_LIMIT - done) >= 0) {
            return Status.GENERAL_ERROR;
        }
        long address = entry ? dest + (long) done * ENTRY_BYTES : Page.address(dest + done);
        int right = access & (Access.READ | Access.WRITE);
        int status = caller.domain().addressSpace().mapBeside(address, flags, frame, order, right, caller.mapped);
        return status == Status.CRASH_CALLER ? Status.GENERAL_ERROR : status;
    }
}
