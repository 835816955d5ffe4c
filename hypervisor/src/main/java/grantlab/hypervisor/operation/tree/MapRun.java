package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
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
 * v3_map (grant-v3.md, sections 6.5, 8 and 10): a run of pages goes to a run of places, in as large mappings as both sides and
 * the element allow. What was mapped before something failed stays mapped and belongs to the handle.
 */
@Singleton
public final class MapRun {
    private static final int KNOWN_FLAGS = V3Map.WRITE | V3Map.HOST | V3Map.DEVICE | V3Map.ALLOW_SPLIT | V3Map.DEST_PTE;
    private static final int MOST_PAGES = 1 << 18;
    private static final int ENTRY_BYTES = 8;
    private static final StructForm FORM =
            new StructForm(V3Map.SIZE, V3Map.STATUS, 0, V3Map.ZERO_22, 2, V3Map.ZERO_54, 2, V3Map.ZERO_60, 4);

    private final Reach reach;
    private final LeafPinning leaves;
    private final FlatAlias alias;
    private final FrameTable frames;
    private final Elements.Element element = this::perform;

    @Inject
    MapRun(Reach reach, LeafPinning leaves, FlatAlias alias, Ground ground) {
        this.reach = reach;
        this.leaves = leaves;
        this.alias = alias;
        this.frames = ground.frames();
    }

    /** Maps each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return Elements.run(caller, address, V3Map.SIZE, element);
    }

    private void perform(Caller caller, FrameArguments arguments) {
        arguments.set32(V3Map.DONE, 0);
        arguments.set64(V3Map.HANDLE, 0);
        arguments.set64(V3Map.DEV_ADDR, -1);
        arguments.set8(V3Map.ORDER_GOT, 0);
        arguments.set8(V3Map.ENTRY_GEN, 0);
        int status = refuse(caller, arguments);
        if (status == Status.OKAY) {
            status = map(caller, arguments);
        }
        if (status == Status.CRASH_CALLER) {
            caller.domain().crash();
            status = Status.GENERAL_ERROR;
        }
        arguments.set32(V3Map.STATUS, status);
    }

    /** What is wrong with the element by itself. */
    private static int refuse(Caller caller, FrameArguments arguments) {
        int flags = arguments.u16(V3Map.FLAGS);
        if ((flags & ~KNOWN_FLAGS) != 0) {
            return Status.UNSUPPORTED;
        }
        boolean entry = (flags & V3Map.DEST_PTE) != 0;
        if (!FORM.isClean(arguments)
                || (flags & (V3Map.HOST | V3Map.DEVICE)) == 0
                || !V3Ref.wellFormed(arguments.u64(V3Map.REF))
                || entry == caller.domain().translated()) {
            return Status.INVAL;
        }
        return refuseSize(arguments, entry);
    }

    private static int refuseSize(FrameArguments arguments, boolean entry) {
        int wanted = arguments.u8(V3Map.ORDER_REQ);
        int least = arguments.u8(V3Map.ORDER_MIN);
        long count = arguments.u32(V3Map.COUNT);
        long dest = arguments.u64(V3Map.DEST);
        boolean orders = (wanted == V3Map.BEST || isOrder(wanted)) && isOrder(least) && least <= wanted;
        if (!orders || count < 1 || count > MOST_PAGES) {
            return Status.BAD_SIZE;
        }
        if (!entry) {
            return Status.OKAY;
        }
        boolean inTable = dest % ENTRY_BYTES == 0 && Page.offset(dest) + count * ENTRY_BYTES <= Page.SIZE;
        return inTable ? Status.OKAY : Status.BAD_SIZE;
    }

    private static boolean isOrder(int order) {
        return order == Page.ORDER_4K || order == Page.ORDER_2M || order == Page.ORDER_1G;
    }

    private int map(Caller caller, FrameArguments arguments) {
        int admitted = caller.domain().addressSpace().admits(gntmapFlags(arguments));
        if (admitted != Status.OKAY) {
            return Status.UNSUPPORTED;
        }
        Domain granter = reach.peer(caller, arguments.u16(V3Map.PEER));
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        long reference = arguments.u64(V3Map.REF);
        Tree tree = null;
        if (V3Ref.slot(reference) != 0) {
            tree = granter.trees().find(V3Ref.slot(reference));
            int reached = Reach.judge(caller, granter, tree, reference, arguments.u32(V3Map.EPOCH));
            if (reached != Status.OKAY) {
                return reached;
            }
        } else if (!FlatAlias.wellFormed(reference)) {
            return Status.INVAL;
        } else if (arguments.u32(V3Map.EPOCH) != 0) {
            return Status.STALE;
        }
        return collect(caller, arguments, granter, tree);
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
        Books books = caller.domain().books();
        int count = (int) arguments.u32(V3Map.COUNT);
        int set = books.mapsets().begin(count);
        if (set == Mapsets.NONE) {
            return Status.QUOTA;
        }
        Share share =
                tree == null ? books.share(granter.domid()) : tree.binding().share();
        int status = Status.OKAY;
        int done = 0;
        int smallest = Page.ORDER_1G;
        while (done < count && status == Status.OKAY) {
            int order = order(caller, arguments, tree, done, count - done);
            status = order < 0 ? Status.BAD_SIZE : step(caller, arguments, granter, tree, share, set, done, order);
            if (status == Status.BAD_SIZE && order > arguments.u8(V3Map.ORDER_MIN) && mayShrink(arguments)) {
                order = smaller(order, arguments.u8(V3Map.ORDER_MIN));
                status = step(caller, arguments, granter, tree, share, set, done, order);
            }
            if (status == Status.OKAY) {
                smallest = Math.min(smallest, order);
                done += 1 << order;
            }
        }
        if (done == 0) {
            books.mapsets().unlock(set);
            return status;
        }
        arguments.set64(V3Map.HANDLE, books.mapsets().publish(set));
        arguments.set32(V3Map.DONE, done);
        arguments.set8(V3Map.ORDER_GOT, smallest);
        return status;
    }

    private static boolean mayShrink(FrameArguments arguments) {
        return arguments.u8(V3Map.ORDER_REQ) == V3Map.BEST || (arguments.u16(V3Map.FLAGS) & V3Map.ALLOW_SPLIT) != 0;
    }

    private static int smaller(int order, int least) {
        return order == Page.ORDER_1G && least <= Page.ORDER_2M ? Page.ORDER_2M : Page.ORDER_4K;
    }

    /** The largest order that the numbers of both sides admit here; -1 when that is less than the element accepts. */
    private static int order(Caller caller, FrameArguments arguments, @Nullable Tree tree, int done, int left) {
        int wanted = Math.min(arguments.u8(V3Map.ORDER_REQ), Page.ORDER_1G);
        int least = arguments.u8(V3Map.ORDER_MIN);
        if (wanted == Page.ORDER_4K || tree == null || !caller.domain().translated()) {
            boolean admitted = wanted == Page.ORDER_4K || (mayShrink(arguments) && least == Page.ORDER_4K);
            return admitted ? Page.ORDER_4K : -1;
        }
        long numbers = V3Ref.index(arguments.u64(V3Map.REF)) + done | arguments.u64(V3Map.DEST) + done;
        int order = wanted;
        while (order > Page.ORDER_4K && ((numbers & (1L << order) - 1) != 0 || left < 1 << order)) {
            if (!mayShrink(arguments)) {
                return -1;
            }
            order = smaller(order, Page.ORDER_4K);
        }
        return order >= least ? order : -1;
    }

    /** One mapping: the charge, the pin, the place, the record. */
    private int step(
            Caller caller,
            FrameArguments arguments,
            Domain granter,
            @Nullable Tree tree,
            Share share,
            int set,
            int done,
            int order) {
        if (!share.take(1)) {
            return Status.QUOTA;
        }
        int status = Status.QUOTA;
        if (tree == null || tree.takeMappings(1)) {
            status = recorded(caller, arguments, granter, tree, set, done, order);
            if (status != Status.OKAY && tree != null) {
                tree.giveMappings(1);
            }
        }
        if (status != Status.OKAY) {
            share.give(1);
        }
        return status;
    }

    private int recorded(
            Caller caller,
            FrameArguments arguments,
            Domain granter,
            @Nullable Tree tree,
            int set,
            int done,
            int order) {
        Books books = caller.domain().books();
        int record = books.records().take();
        if (record == Records.NONE) {
            return Status.QUOTA;
        }
        int status = tree == null
                ? flat(caller, arguments, granter, set, done, record)
                : leaf(caller, arguments, granter, tree, set, done, order, record);
        if (status != Status.OKAY) {
            books.records().give(record);
        }
        return status;
    }

    private int leaf(
            Caller caller,
            FrameArguments arguments,
            Domain granter,
            Tree tree,
            int set,
            int done,
            int order,
            int record) {
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
        status =
                install(caller, arguments, granter, set, done, order, record, act, caller.leafPin.frame, access, false);
        if (status != Status.OKAY) {
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

    private int flat(Caller caller, FrameArguments arguments, Domain granter, int set, int done, int record) {
        int access = access(arguments);
        int status = alias.pin(caller, granter, arguments.u64(V3Map.REF) + done, access);
        if (status != Status.OKAY) {
            return status;
        }
        int act = caller.pin.act;
        status = install(
                caller, arguments, granter, set, done, Page.ORDER_4K, record, act, caller.pin.frame, access, true);
        if (status != Status.OKAY) {
            alias.unpin(granter, caller.section(), act, access);
        }
        return status;
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
        Books books = caller.domain().books();
        Domain grantee = caller.domain();
        boolean device = (access & Access.DEVICE) != 0;
        boolean host = (access & Access.HOST) != 0;
        if (!Holding.take(frames, frame, order, access, granter, grantee)) {
            return Status.GENERAL_ERROR;
        }
        long place = Records.NONE;
        int status = Status.OKAY;
        if (host) {
            status = place(caller, arguments, done, order, frame, access);
            place = caller.mapped.place;
        }
        if (status == Status.OKAY) {
            books.records().fill(record, access, order, place, frame, granter.domid(), act, flat);
            if (books.mapsets().append(set, record, 1 << order)) {
                if (done == 0 && device) {
                    arguments.set64(V3Map.DEV_ADDR, Page.address(frame));
                }
                return Status.OKAY;
            }
            status = Status.QUOTA;
            if (host) {
                takeBack(caller, place, order, frame);
            }
        }
        Holding.drop(frames, frame, order, access, granter, grantee);
        return status;
    }

    /** Nobody was told of the place yet, but a vCPU may have found it. */
    private static void takeBack(Caller caller, long place, int order, long frame) {
        caller.domain().addressSpace().remove(place, order, frame, caller.mapped);
        caller.domain().addressSpace().flush();
    }

    private static int place(Caller caller, FrameArguments arguments, int done, int order, long frame, int access) {
        int flags = gntmapFlags(arguments) & ~Gntmap.DEVICE_MAP;
        long dest = arguments.u64(V3Map.DEST);
        long address =
                (flags & Gntmap.CONTAINS_PTE) != 0 ? dest + (long) done * ENTRY_BYTES : Page.address(dest + done);
        int right = access & (Access.READ | Access.WRITE);
        return caller.domain().addressSpace().mapBeside(address, flags, frame, order, right, caller.mapped);
    }
}
