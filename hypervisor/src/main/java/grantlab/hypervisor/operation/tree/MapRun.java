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
import grantlab.hypervisor.caller.LeafPin;
import grantlab.hypervisor.caller.Run;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

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
    private static final int BOUND_MET = -2;

    /** Leaves and mappings that are charged at once. */
    private static final int AHEAD = 32;

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
        Run run = caller.run;
        if (V3Ref.slot(reference) != 0) {
            Tree tree = granter.trees().find(V3Ref.slot(reference));
            int reached = Reach.judge(caller, granter, tree, reference, arguments.u32(V3Map.EPOCH));
            if (tree == null || reached != Status.OKAY) {
                return reached;
            }
            if (!mayBeTakenBack(arguments, tree)) {
                return Status.NOT_REVOCABLE;
            }
            run.begin(granter, tree, tree.binding().share(), V3Ref.index(reference));
        } else if (arguments.u32(V3Map.EPOCH) != 0) {
            return Status.STALE;
        } else {
            run.begin(granter, null, caller.domain().books().share(granter.domid()), reference);
        }
        decode(caller, arguments, run);
        return collect(caller, arguments, run);
    }

    /** MAP-13. Copies and devices need agree to nothing: they end by themselves, or are blocked. */
    private static boolean mayBeTakenBack(FrameArguments arguments, Tree tree) {
        int flags = arguments.u16(V3Map.FLAGS);
        return !TreeFlags.revocable(tree) || (flags & V3Map.HOST) == 0 || (flags & V3Map.ACCEPT_FAULT) != 0;
    }

    private static void decode(Caller caller, FrameArguments arguments, Run run) {
        int flags = arguments.u16(V3Map.FLAGS);
        boolean host = (flags & V3Map.HOST) != 0;
        boolean write = (flags & V3Map.WRITE) != 0;
        run.access = Access.READ
                | (write ? Access.WRITE : 0)
                | (host ? Access.HOST : 0)
                | ((flags & V3Map.DEVICE) != 0 ? Access.DEVICE : 0);
        run.gntmapFlags = (host ? Gntmap.HOST_MAP : 0)
                | (write ? 0 : Gntmap.READONLY)
                | ((flags & V3Map.DEST_PTE) != 0 ? Gntmap.CONTAINS_PTE : 0);
        run.dest = arguments.u64(V3Map.DEST);
        run.count = (int) arguments.u32(V3Map.COUNT);
        int wanted = arguments.u8(V3Map.ORDER_REQ);
        run.least = arguments.u8(V3Map.ORDER_MIN);
        run.smallerToo = wanted == V3Map.BEST || (flags & V3Map.ALLOW_SPLIT) != 0;
        // Of a page-table entry and of a flat table's reference there is but one order.
        boolean onlyPages = run.tree() == null || !caller.domain().translated();
        int largest = Math.min(wanted, Page.ORDER_1G);
        run.largest = onlyPages && largest != Page.ORDER_4K ? run.next(Page.ORDER_2M) : largest;
    }

    /** All that the element maps is one set, with one handle. */
    private int collect(Caller caller, FrameArguments arguments, Run run) {
        Mapsets sets = caller.mapsets;
        boolean alone = run.count >>> run.least <= 1;
        run.set = alone ? Records.ALONE_SET : sets.begin(run.count >>> run.least, caller.atHand.sets());
        if (run.set == Mapsets.NONE) {
            return Status.QUOTA;
        }
        int status = Status.OKAY;
        while (run.done < run.count && status == Status.OKAY) {
            status = next(caller, arguments, run);
        }
        settle(caller, run);
        if (run.done == 0) {
            if (!alone) {
                sets.unlock(run.set, caller.atHand.sets());
            }
        } else {
            arguments.set64(V3Map.HANDLE, alone ? run.handle : sets.publish(run.set));
            arguments.set32(V3Map.DONE, run.done);
            arguments.set8(V3Map.ORDER_GOT, run.smallest);
        }
        return status;
    }

    /** One mapping, of the largest order that is possible. */
    private int next(Caller caller, FrameArguments arguments, Run run) {
        int status = Status.BAD_SIZE;
        for (int order = run.largest; status == Status.BAD_SIZE && order >= run.least; order = run.next(order)) {
            if (run.admits(order)) {
                Tree tree = run.tree();
                status = tree == null ? flat(caller, arguments, run) : leaf(caller, arguments, run, tree, order);
                if (status == Status.OKAY) {
                    run.smallest = Math.min(run.smallest, order);
                    run.done += 1 << order;
                }
            }
        }
        return status;
    }

    /** MAP-20 to MAP-34: one mapping of a leaf. */
    private int leaf(Caller caller, FrameArguments arguments, Run run, Tree tree, int order) {
        long index = run.index();
        if (index >= tree.indexLimit()) {
            return Status.BAD_GNTREF;
        }
        chargeAhead(caller.leafPin, run, tree);
        int status = leaves.pin(caller, run.granter(), tree, index, run.access, order);
        if (status != Status.OKAY) {
            return status;
        }
        LeafPin pin = caller.leafPin;
        int record = charged(caller, run);
        if (record < 0) {
            frames.put(pin.frame, order);
            leaves.undo(caller, tree, run.access);
            if (record == BOUND_MET) {
                leaves.unlock(caller);
                notices.quotaHit(caller.outbox, tree, index, Notices.MAX_MAPPINGS);
            }
            return Status.QUOTA;
        }
        status = install(caller, arguments, run, order, record, pin.act, pin.frame, false);
        if (status != Status.OKAY) {
            discharge(caller, run, record);
            leaves.undo(caller, tree, run.access);
            return status;
        }
        leaves.link(caller, tree, record);
        publishAlone(caller, run);
        if (run.done == 0) {
            arguments.set8(V3Map.ENTRY_GEN, tree.table().generation(caller.leaf.snapshot));
        }
        return Status.OKAY;
    }

    /** The alias of the flat table: pinned as every grant of it. */
    private int flat(Caller caller, FrameArguments arguments, Run run) {
        int status = alias.pin(caller, run.granter(), run.index(), run.access);
        if (status != Status.OKAY) {
            return status;
        }
        int record = charged(caller, run);
        if (record < 0) {
            alias.undo(caller, run.granter(), run.access);
            return Status.QUOTA;
        }
        int act = caller.pin.act;
        status = install(caller, arguments, run, Page.ORDER_4K, record, act, caller.pin.frame, true);
        if (status != Status.OKAY) {
            discharge(caller, run, record);
            alias.unpin(run.granter(), caller.section(), act, run.access);
            return status;
        }
        publishAlone(caller, run);
        return Status.OKAY;
    }

    /** While the lock of its leaf is held: whoever takes leaves back finds it whole. */
    private static void publishAlone(Caller caller, Run run) {
        if (run.set == Records.ALONE_SET) {
            run.handle = caller.records.publish(run.record);
        }
    }

    // Who is charged

    /** So that a run does not count page by page. Where there is no room for all of that, each page asks for itself. */
    private static void chargeAhead(LeafPin pin, Run run, Tree tree) {
        if (pin.recordsAhead > 0) {
            return;
        }
        int ahead = Math.min(Math.max(1, (run.count - run.done) >>> run.largest), AHEAD);
        if (!run.share().take(ahead)) {
            return;
        }
        // What is left of acts is what found one that was there.
        int acts = Math.max(0, ahead - pin.actsAhead);
        if (tree.take(acts, ahead)) {
            pin.recordsAhead = ahead;
            pin.actsAhead += acts;
        } else {
            run.share().give(ahead);
        }
    }

    /** MAP-32: a record within all bounds. @return its number; or NONE, or BOUND_MET of the tree's, and nothing is charged */
    private static int charged(Caller caller, Run run) {
        LeafPin pin = caller.leafPin;
        Tree tree = run.tree();
        if (pin.recordsAhead > 0) {
            pin.recordsAhead--;
        } else if (!run.share().take(1)) {
            return Records.NONE;
        } else if (tree != null && !tree.take(0, 1)) {
            run.share().give(1);
            return BOUND_MET;
        }
        int record = caller.atHand.records().take();
        if (record == Records.NONE) {
            uncharge(run, 1);
        }
        return record;
    }

    private static void discharge(Caller caller, Run run, int record) {
        caller.records.end(record);
        caller.atHand.records().give(record);
        uncharge(run, 1);
    }

    private static void uncharge(Run run, int records) {
        Tree tree = run.tree();
        if (tree != null) {
            tree.give(0, records);
        }
        run.share().give(records);
    }

    /** The run is over: its last bucket is unlocked, and what was charged ahead in vain is given back. */
    private void settle(Caller caller, Run run) {
        leaves.unlock(caller);
        LeafPin pin = caller.leafPin;
        Tree tree = run.tree();
        if (tree != null && (pin.actsAhead | pin.recordsAhead) != 0) {
            tree.give(pin.actsAhead, pin.recordsAhead);
            run.share().give(pin.recordsAhead);
            pin.actsAhead = 0;
            pin.recordsAhead = 0;
        }
    }

    // The mapping itself

    /** References of each part, the place, the record in its set; all or nothing. The pin's reference is used up. */
    private int install(
            Caller caller,
            FrameArguments arguments,
            Run run,
            int order,
            int record,
            int act,
            long frame,
            boolean flat) {
        Domain grantee = caller.domain();
        int access = run.access;
        boolean host = (access & Access.HOST) != 0;
        if (!Holding.take(frames, frame, order, access, run.granter(), grantee)) {
            return Status.BAD_PAGE;
        }
        long place = Records.NONE;
        int status = Status.OKAY;
        if (host) {
            status = place(caller, run, order, frame);
            place = caller.mapped.place;
        }
        if (status != Status.OKAY) {
            Holding.drop(frames, frame, order, access, run.granter(), grantee);
            return status;
        }
        status = DeviceReach.begin(frame, access, run.granter(), grantee);
        if (status == Status.OKAY) {
            run.record = record;
            if (joined(caller, run, order, place, frame, act, flat)) {
                tellDevices(arguments, run, frame, grantee);
                return Status.OKAY;
            }
            DeviceReach.end(frame, access, run.granter().domid(), grantee);
            status = Status.QUOTA;
        }
        takeBack(caller, run.granter(), order, frame, access);
        return status;
    }

    /** @return false: there is no page for the index of the set */
    private static boolean joined(Caller caller, Run run, int order, long place, long frame, int act, boolean flat) {
        int granter = run.granter().domid();
        if (run.set == Records.ALONE_SET) {
            caller.records.fillAlone(run.record, run.access, order, place, frame, granter, act, flat);
            return true;
        }
        caller.records.fill(run.record, run.access, order, place, frame, granter, act, flat);
        return caller.mapsets.append(run.set, run.record, 1 << order);
    }

    private static void tellDevices(FrameArguments arguments, Run run, long frame, Domain grantee) {
        if (run.done == 0 && ((run.access & Access.DEVICE) != 0 || !grantee.translated())) {
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

    private static int place(Caller caller, Run run, int order, long frame) {
        boolean entry = (run.gntmapFlags & Gntmap.CONTAINS_PTE) != 0;
        // The address of a larger number would be that of another frame.
        if (!entry && Long.compareUnsigned(run.dest, Page.FRAME_LIMIT - run.done) >= 0) {
            return Status.GENERAL_ERROR;
        }
        long address = entry ? run.dest + (long) run.done * ENTRY_BYTES : Page.address(run.dest + run.done);
        int right = run.access & (Access.READ | Access.WRITE);
        int status =
                caller.domain().addressSpace().mapBeside(address, run.gntmapFlags, frame, order, right, caller.mapped);
        return status == Status.CRASH_CALLER ? Status.GENERAL_ERROR : status;
    }
}
