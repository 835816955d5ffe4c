package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Unmap;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * v3_unmap (grant-v3.md, section 7.2): a mapset or a part of it. Places first, then the flush, then the references, and only then
 * the pins and the bits that the granter sees: who sees them gone has the page alone.
 */
@MachineScoped
public final class UnmapSet {
    private static final StructForm FORM = new StructForm(
            V3Unmap.SIZE, V3Unmap.STATUS, 0, given -> given.u64(V3Unmap.ZERO_24) | given.u32(V3Unmap.ZERO_36));

    private final LeafRelease release;
    private final SoleMapping sole;

    @Inject
    UnmapSet(LeafRelease release, SoleMapping sole) {
        this.release = release;
        this.sole = sole;
    }

    /** Unmaps each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        FrameArguments arguments = caller.frameArguments();
        for (boolean more = Elements.begin(caller, address, V3Unmap.SIZE);
                more;
                more = Elements.next(caller, V3Unmap.SIZE)) {
            perform(caller, arguments);
        }
        finish(caller);
        return caller.elements.result;
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
        long handle = arguments.u64(V3Unmap.HANDLE);
        return Records.isAlone(handle) ? alone(caller, arguments, handle) : some(caller, arguments, handle);
    }

    /** The one mapping of an element. */
    private int alone(Caller caller, FrameArguments arguments, long handle) {
        long pages = arguments.u32(V3Unmap.COUNT);
        // A part that begins behind the first page has no size that fits.
        int record = caller.records.claimAlone(handle, arguments.u32(V3Unmap.FIRST) == 0 ? pages : 0);
        if (record < 0) {
            return switch (record) {
                case Records.STALE -> Status.STALE;
                case Records.CUT -> Status.BAD_SIZE;
                case Records.CLAIMED_ALREADY -> Status.EAGAIN;
                default -> Status.BAD_HANDLE;
            };
        }
        if (!caller.elements.isOfOne() || !sole.end(caller, record)) {
            takeOut(caller, record);
        }
        arguments.set32(V3Unmap.DONE, pages);
        return Status.OKAY;
    }

    /** A mapset or a part of it, in slices of 32 mappings. */
    private int some(Caller caller, FrameArguments arguments, long handle) {
        long count = arguments.u32(V3Unmap.COUNT);
        int status = slice(caller, arguments, handle);
        while (status == Status.OKAY && arguments.u32(V3Unmap.DONE) < count) {
            finish(caller);
            status = caller.breathe() ? slice(caller, arguments, handle) : Status.GENERAL_ERROR;
        }
        return status;
    }

    private int slice(Caller caller, FrameArguments arguments, long handle) {
        Mapsets sets = caller.mapsets;
        boolean begun = arguments.u32(V3Unmap.DONE) != 0;
        int set = sets.lock(handle);
        if (set < 0) {
            return set == Mapsets.STALE && !begun ? Status.STALE : Status.BAD_HANDLE;
        }
        boolean fits = begun || fits(caller, arguments, set);
        int status = fits ? part(caller, arguments, set) : Status.BAD_SIZE;
        sets.unlock(set, caller.atHand.sets());
        return status;
    }

    private static boolean fits(Caller caller, FrameArguments arguments, int set) {
        long first = arguments.u32(V3Unmap.FIRST);
        long count = arguments.u32(V3Unmap.COUNT);
        Mapsets sets = caller.mapsets;
        return count != 0
                && first + count <= sets.pages(set)
                && !cuts(sets, caller.records, set, (int) first, (int) count);
    }

    /** At most 32 mappings; those that have an index go together, and eight of them that are one are not parted for want of room. */
    private int part(Caller caller, FrameArguments arguments, int set) {
        UnmappedLeaves unmapped = caller.unmappedLeaves;
        if (unmapped.hasNoRoomForOctet() && caller.mapsets.indexed(set)) {
            finish(caller);
        }
        long first = arguments.u32(V3Unmap.FIRST);
        long count = arguments.u32(V3Unmap.COUNT);
        long done = arguments.u32(V3Unmap.DONE);
        int before = unmapped.size();
        done += unmapped.addTogether(caller.records, caller.mapsets, set, (int) (first + done), first + count);
        int mappings = unmapped.size() - before;
        arguments.set32(V3Unmap.DONE, done);
        boolean enough = done == count || (mappings != 0 && unmapped.hasNoRoomForOctet());
        if (unmapped.full()) {
            finish(caller);
        }
        return enough ? Status.OKAY : rest(caller, arguments, set, UnmappedLeaves.CAPACITY - mappings);
    }

    /** One by one. */
    private int rest(Caller caller, FrameArguments arguments, int set, int most) {
        Mapsets sets = caller.mapsets;
        Records records = caller.records;
        long count = arguments.u32(V3Unmap.COUNT);
        long done = arguments.u32(V3Unmap.DONE);
        int record = sets.find(set, (int) (arguments.u32(V3Unmap.FIRST) + done));
        for (int n = 0; n < most && done < count; n++) {
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

    /** Before the first phase, which many share. */
    private void takeOut(Caller caller, int record) {
        caller.unmappedLeaves.add(caller.records, record);
        if (caller.unmappedLeaves.full()) {
            finish(caller);
        }
    }

    /**
     * Empties the place of a record, unless it holds something else by now; the record waits for its release.
     *
     * @param record claimed
     * @param unmapped with room for it
     * @param mapped scratch
     */
    static void takeOut(Domain grantee, int record, UnmappedLeaves unmapped, AddressSpace.Mapped mapped) {
        empty(grantee, unmapped, unmapped.add(grantee.books().records(), record), mapped);
    }

    /**
     * Empties the place of a record that waits; devices reach the frame until the next flush.
     *
     * @param i which of those that wait
     * @param mapped scratch
     */
    static void empty(Domain grantee, UnmappedLeaves unmapped, int i, AddressSpace.Mapped mapped) {
        if (unmapped.replaced(i)) {
            emptyPlace(grantee, unmapped, i, mapped);
        } else if (unmapped.sunk(i)) {
            DeviceReach.unsink(grantee.books().records().place(unmapped.record(i)), unmapped.frame(i), grantee);
        } else if (!unmapped.empty(i) && !unmapped.estranged(i)) {
            DeviceReach.end(unmapped.frame(i), unmapped.access(i), unmapped.granter(i), grantee);
            if ((unmapped.access(i) & Access.HOST) != 0) {
                emptyPlace(grantee, unmapped, i, mapped);
            }
        }
    }

    /** The place alone. */
    static void emptyPlace(Domain grantee, UnmappedLeaves unmapped, int i, AddressSpace.Mapped mapped) {
        long place = grantee.books().records().place(unmapped.record(i));
        if (grantee.addressSpace().remove(place, unmapped.order(i), unmapped.frame(i), mapped) == Status.OKAY) {
            unmapped.setHeld(i, mapped.access);
        }
    }

    /** A mapping that lives is undone, one that was taken back is acknowledged. */
    static boolean claimed(Records records, int record) {
        return records.claim(record) || records.acknowledge(record);
    }

    /** Both phases: places, flush, references and pins. */
    private void finish(Caller caller) {
        UnmappedLeaves unmapped = caller.unmappedLeaves;
        if (unmapped.size() == 0) {
            return;
        }
        Domain grantee = caller.domain();
        if (!unmapped.ordinary()) {
            for (int i = 0; i < unmapped.size(); i++) {
                endReach(grantee, unmapped, i);
            }
        }
        unmapped.emptyPlaces(grantee.addressSpace(), caller.mapped);
        grantee.addressSpace().flush();
        release.release(grantee, unmapped, caller.worker);
    }

    private static void endReach(Domain grantee, UnmappedLeaves unmapped, int i) {
        if (unmapped.sunk(i)) {
            DeviceReach.unsink(grantee.books().records().place(unmapped.record(i)), unmapped.frame(i), grantee);
        } else if (!unmapped.empty(i) && !unmapped.estranged(i)) {
            DeviceReach.end(unmapped.frame(i), unmapped.access(i), unmapped.granter(i), grantee);
        }
    }
}
