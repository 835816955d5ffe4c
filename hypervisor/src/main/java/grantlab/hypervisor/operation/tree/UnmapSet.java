package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * v3_unmap (grant-v3.md, section 7.2): a mapset or a part of it. Places first, then the flush, then the references, and only then
 * the pins and the bits that the granter sees: who sees them gone has the page alone.
 */
@Singleton
public final class UnmapSet {
    private static final StructForm FORM =
            new StructForm(V3Unmap.SIZE, V3Unmap.STATUS, 0, V3Unmap.ZERO_24, 8, V3Unmap.ZERO_36, 4);

    private final Domains domains;
    private final LeafPinning leaves;
    private final FlatAlias alias;
    private final FrameTable frames;
    private final Elements.Element element = this::perform;

    @Inject
    UnmapSet(Domains domains, LeafPinning leaves, FlatAlias alias, Ground ground) {
        this.domains = domains;
        this.leaves = leaves;
        this.alias = alias;
        this.frames = ground.frames();
    }

    /** Unmaps each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        long result = Elements.run(caller, address, V3Unmap.SIZE, element);
        finish(caller);
        return result;
    }

    private void perform(Caller caller, FrameArguments arguments) {
        arguments.set32(V3Unmap.DONE, 0);
        arguments.set32(V3Unmap.STATUS, unmap(caller, arguments));
    }

    private int unmap(Caller caller, FrameArguments arguments) {
        if (arguments.u32(V3Unmap.FLAGS) != 0) {
            return Status.UNSUPPORTED;
        }
        if (!FORM.isClean(arguments)) {
            return Status.INVAL;
        }
        Mapsets sets = caller.domain().books().mapsets();
        int set = sets.lock(arguments.u64(V3Unmap.HANDLE));
        if (set < 0) {
            return set == Mapsets.STALE ? Status.STALE : Status.BAD_HANDLE;
        }
        int status = part(caller, arguments, set);
        sets.unlock(set);
        return status;
    }

    private int part(Caller caller, FrameArguments arguments, int set) {
        Mapsets sets = caller.domain().books().mapsets();
        Records records = caller.domain().books().records();
        long first = arguments.u32(V3Unmap.FIRST);
        long count = arguments.u32(V3Unmap.COUNT);
        if (count == 0 || first + count > sets.pages(set) || cuts(sets, records, set, (int) first, (int) count)) {
            return Status.BAD_SIZE;
        }
        int record = sets.find(set, (int) first);
        long done = 0;
        while (done < count) {
            if (record == Records.NONE) {
                return Status.BAD_HANDLE;
            }
            if (!claimed(records, record)) {
                return Status.EAGAIN;
            }
            int next = sets.next(set, record);
            done += 1L << records.order(record);
            sets.remove(set, record);
            takeOut(caller, record);
            arguments.set32(V3Unmap.DONE, done);
            record = next;
        }
        return Status.OKAY;
    }

    /** Whether a border of the part lies within a larger mapping. */
    private static boolean cuts(Mapsets sets, Records records, int set, int first, int count) {
        int begin = sets.find(set, first);
        int end = sets.find(set, first + count - 1);
        return (begin != Records.NONE && records.unit(begin) != first)
                || (end != Records.NONE && records.unit(end) + (1 << records.order(end)) != first + count);
    }

    /** First phase. */
    private void takeOut(Caller caller, int record) {
        caller.unmappedLeaves.add(record, emptied(caller.domain(), record, caller.mapped));
        if (caller.unmappedLeaves.full()) {
            finish(caller);
        }
    }

    /**
     * Empties the place of a record, unless it holds something else by now; devices reach the frame until the next flush.
     *
     * @param record claimed
     * @param mapped scratch
     * @return what it held: READ, READ | WRITE, or {@link UnmappedLeaves#NOTHING_HELD}
     */
    static int emptied(Domain grantee, int record, AddressSpace.Mapped mapped) {
        Records records = grantee.books().records();
        if (records.empty(record) || records.estranged(record)) {
            return UnmappedLeaves.NOTHING_HELD;
        }
        DeviceReach.end(records.frame(record), records.access(record), records.granter(record), grantee);
        if ((records.access(record) & Access.HOST) == 0) {
            return UnmappedLeaves.NOTHING_HELD;
        }
        int removed = grantee.addressSpace()
                .remove(records.place(record), records.order(record), records.frame(record), mapped);
        return removed == Status.OKAY ? mapped.access : UnmappedLeaves.NOTHING_HELD;
    }

    /** A mapping that lives is undone, one that was taken back is acknowledged. */
    static boolean claimed(Records records, int record) {
        return records.claim(record) || records.acknowledge(record);
    }

    /** Second phase. */
    private void finish(Caller caller) {
        UnmappedLeaves unmapped = caller.unmappedLeaves;
        if (unmapped.size() == 0) {
            return;
        }
        caller.domain().addressSpace().flush();
        for (int i = 0; i < unmapped.size(); i++) {
            release(caller.domain(), caller.section(), caller.outbox, unmapped.record(i), unmapped.held(i));
        }
        unmapped.clear();
    }

    /** Second phase of one record: references, then the pin. */
    void release(Domain grantee, Section section, Outbox outbox, int record, int held) {
        Books books = grantee.books();
        Records records = books.records();
        int access = records.access(record);
        Domain granter = domains.find(records.granter(record));
        if (records.flat(record) && (granter == null || records.estranged(record))) {
            forget(books, record);
            return;
        }
        if (granter == null) {
            throw new IllegalStateException(
                    "domain " + records.granter(record) + " went while domain " + grantee.domid() + " used its leaves");
        }
        if (!records.empty(record)) {
            drop(records, record, held, granter, grantee);
        }
        unpin(granter, books, section, outbox, record, access);
        forget(books, record);
    }

    /**
     * The references of a mapping go.
     *
     * @param record claimed, its place empty and flushed
     * @param held what its place held
     */
    void drop(Records records, int record, int held, Domain granter, Domain grantee) {
        long frame = records.frame(record);
        int order = records.order(record);
        int access = records.access(record);
        if (held != UnmappedLeaves.NOTHING_HELD) {
            Holding.drop(frames, frame, order, held | Access.HOST, granter, grantee);
        }
        if ((access & Access.DEVICE) != 0) {
            Holding.drop(frames, frame, order, access & ~Access.HOST, granter, grantee);
        }
    }

    private static void forget(Books books, int record) {
        books.share(books.records().granter(record)).give(1);
        books.records().give(record);
    }

    private void unpin(Domain granter, Books books, Section section, Outbox outbox, int record, int access) {
        int act = books.records().act(record);
        if (books.records().flat(record)) {
            alias.unpin(granter, section, act, access);
            return;
        }
        int bucket = books.acts().lockOf(act);
        Tree tree = granter.trees().find(Tree.slotOf(books.acts().tree(act)));
        if (tree == null) {
            throw new IllegalStateException("a tree went while its leaves were in use");
        }
        books.records().unlink(books.acts(), act, record);
        tree.giveMappings(1);
        leaves.unpin(books, outbox, bucket, act, tree, access);
    }

    /**
     * A grantee dies: what it has mapped ends. Its address space is gone already, and with it what the places held.
     *
     * @param grantee the domain that dies, whose vCPUs run no more
     * @param section of whoever buries it, outside
     * @param outbox of whoever buries it
     */
    public void releaseAll(Domain grantee, Section section, Outbox outbox) {
        Records records = grantee.books().records();
        for (int record = 0; record < records.capacity(); record++) {
            for (int spin = 0; records.exists(record) && !claimed(records, record); spin++) {
                // Its granter takes it back at this moment, and then it is to be acknowledged.
                Spin.once(spin);
            }
            if (records.exists(record)) {
                section.enter();
                release(grantee, section, outbox, record, UnmappedLeaves.NOTHING_HELD);
                section.leave();
            }
        }
    }
}
