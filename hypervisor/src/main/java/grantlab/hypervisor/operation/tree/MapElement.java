package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.V3Map;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.Run;
import grantlab.hypervisor.tree.RecordWord;
import grantlab.hypervisor.tree.Tree;

/** An element of v3_map by itself (grant-v3.md, MAP-1 to MAP-7 and MAP-13): whether it makes sense, and what it asks for. */
final class MapElement {
    /** Bytes of a page-table entry. */
    static final int ENTRY_BYTES = 8;

    private static final int KNOWN_FLAGS = V3Map.WRITE
            | V3Map.HOST
            | V3Map.DEVICE
            | V3Map.ALLOW_SPLIT
            | V3Map.ACCEPT_FAULT
            | V3Map.ACCEPT_ZERO
            | V3Map.ACCEPT_SNAPSHOT
            | V3Map.ACCEPT_SINK
            | V3Map.ACCEPT_DOWNGRADE
            | V3Map.DEST_PTE;
    private static final int STAND_INS = V3Map.ACCEPT_ZERO | V3Map.ACCEPT_SNAPSHOT;
    private static final int ACCEPTED = V3Map.ACCEPT_FAULT | STAND_INS | V3Map.ACCEPT_SINK | V3Map.ACCEPT_DOWNGRADE;
    private static final int ACCEPTED_SHIFT = Integer.numberOfTrailingZeros(V3Map.ACCEPT_FAULT);
    private static final int MOST_PAGES = 1 << 18;

    private MapElement() {}

    /** MAP-1 to MAP-7. @return zero or a status */
    static int refuse(Caller caller, Run run) {
        int flags = run.flags;
        boolean device = (flags & V3Map.DEVICE) != 0;
        boolean standIns = (flags & STAND_INS) != 0;
        if ((flags & ~KNOWN_FLAGS) != 0
                || (device && !Announced.deviceMappings(caller.domain()))
                || (standIns && !Announced.standIns(caller.domain()))) {
            return Status.UNSUPPORTED;
        }
        if (run.reserved != 0 || !hasParts(caller, run)) {
            return Status.INVAL;
        }
        int size = refuseSize(run, (flags & V3Map.DEST_PTE) != 0);
        if (size != Status.OKAY) {
            return size;
        }
        return Reference.wellFormed(run.reference) ? Status.OKAY : Status.INVAL;
    }

    /** MAP-3. */
    private static boolean hasParts(Caller caller, Run run) {
        int flags = run.flags;
        boolean host = (flags & V3Map.HOST) != 0;
        boolean entry = (flags & V3Map.DEST_PTE) != 0;
        boolean typed = !caller.domain().translated();
        return (host || (flags & V3Map.DEVICE) != 0) && entry == (typed && host) && (host || !typed || run.dest == 0);
    }

    /** MAP-4 to MAP-6. */
    private static int refuseSize(Run run, boolean entry) {
        int wanted = run.wanted;
        int least = run.enough;
        int count = run.count;
        boolean orders = (wanted == V3Map.BEST || isOrder(wanted)) && isOrder(least) && least <= wanted;
        if (!orders || count < 1 || count > MOST_PAGES) {
            return Status.BAD_SIZE;
        }
        long dest = run.dest;
        if (entry && dest % ENTRY_BYTES != 0) {
            return Status.INVAL;
        }
        return entry && Page.offset(dest) + count * ENTRY_BYTES > Page.SIZE ? Status.BAD_SIZE : Status.OKAY;
    }

    private static boolean isOrder(int order) {
        return order == Page.ORDER_4K || order == Page.ORDER_2M || order == Page.ORDER_1G;
    }

    /** MAP-13. Copies and devices need agree to nothing: they end by themselves, or are blocked. */
    static boolean mayBeTakenBack(Run run, Tree tree) {
        int flags = run.flags;
        return !TreeFlags.revocable(tree)
                || (flags & V3Map.HOST) == 0
                || (flags & (V3Map.ACCEPT_FAULT | STAND_INS)) != 0;
    }

    /** MAP-14: what stands in does so page by page. */
    static boolean isOfPages(Run run) {
        return !onlyPages(run.flags) || run.enough == Page.ORDER_4K;
    }

    private static boolean onlyPages(int flags) {
        return (flags & STAND_INS) != 0 && (flags & V3Map.ACCEPT_FAULT) == 0;
    }

    /** MAP-15: whether a page of the reserve may have to stand in for each page. */
    private static boolean needsReserve(int flags) {
        boolean zeroes = (flags & V3Map.ACCEPT_ZERO) != 0 && (flags & V3Map.WRITE) != 0;
        return (flags & V3Map.HOST) != 0 && (zeroes || (flags & V3Map.ACCEPT_SNAPSHOT) != 0);
    }

    /** Whether the page of zeros may have to stand in for it. */
    static boolean acceptsZeros(Run run) {
        return (run.flags & V3Map.ACCEPT_ZERO) != 0;
    }

    /** What the fields of a run that goes somewhere ask for. */
    static void decode(Caller caller, Run run) {
        int flags = run.flags;
        boolean host = (flags & V3Map.HOST) != 0;
        boolean write = (flags & V3Map.WRITE) != 0;
        run.access = Access.READ
                | (write ? Access.WRITE : 0)
                | (host ? Access.HOST : 0)
                | ((flags & V3Map.DEVICE) != 0 ? Access.DEVICE : 0);
        run.gntmapFlags = (host ? Gntmap.HOST_MAP : 0)
                | (write ? 0 : Gntmap.READONLY)
                | ((flags & V3Map.DEST_PTE) != 0 ? Gntmap.CONTAINS_PTE : 0);
        run.fates = (flags & ACCEPTED) >>> ACCEPTED_SHIFT | (needsReserve(flags) ? RecordWord.RESERVED : 0);
        int wanted = run.wanted;
        run.smallerToo = wanted == V3Map.BEST || (flags & V3Map.ALLOW_SPLIT) != 0;
        // Of a page-table entry and of a flat table's reference there is but one order.
        boolean onlyPages = run.tree() == null || !caller.domain().translated() || onlyPages(flags);
        int largest = Math.min(wanted, Page.ORDER_1G);
        run.largest = onlyPages && largest != Page.ORDER_4K ? run.next(Page.ORDER_2M) : largest;
        run.least = run.smallerToo ? run.enough : Math.max(run.enough, run.largest);
    }
}
