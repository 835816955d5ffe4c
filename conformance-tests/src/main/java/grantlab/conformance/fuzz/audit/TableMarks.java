package grantlab.conformance.fuzz.audit;

import grantlab.api.abi.Gtf;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.invariant.Mappings;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * One granter's table: GTF_reading stands where the reference has pins, GTF_writing where one of them may write, unless the
 * guest wrote there itself; and the hypervisor changes nothing else. Version 1 has the marks in the entry's flags, version 2
 * in a status word.
 */
final class TableMarks {
    private static final int WORDS = Page.SIZE / Long.BYTES;
    private static final long MARKS = Gtf.READING | Gtf.WRITING;
    private static final int STATUS_WORDS_PER_LONG = 4;
    private static final int STATUS_WORDS = Page.SIZE / Short.BYTES;

    private final Machine machine;
    private final Domain domain;
    private final LongPredicate named;
    private final List<Snapshot> shared = new ArrayList<>();
    private final List<Snapshot> status = new ArrayList<>();
    private final AskedReferences asked;
    private final BitSet forged = new BitSet();
    private final BitSet exposed = new BitSet();
    private final BitSet judged = new BitSet();
    private final BitSet pinned = new BitSet();
    private final BitSet wasPinned = new BitSet();
    private final long[] scratch = new long[WORDS];
    private final MemorySegment scratchBytes = MemorySegment.ofArray(scratch);
    private boolean statusExposed;
    private int version;

    /**
     * Over a table.
     *
     * @param named whether scripts have a name for a machine frame: a PV guest may copy to its table by such a number, if
     *     the frame was given back by somebody before it became the table's
     */
    TableMarks(Machine machine, Domain domain, LongPredicate named) {
        this.machine = machine;
        this.domain = domain;
        this.named = named;
        this.asked = new AskedReferences(machine, domain);
    }

    /** A reference has a mapping now. */
    void pinned(long reference) {
        pinned.set((int) reference);
    }

    /** Looks at what changed, and judges it. */
    void check(GuestWrites writes) {
        boolean other = version != domain.tableFormat().version();
        version = domain.tableFormat().version();
        if (other) {
            shared.clear();
            status.clear();
            forged.clear();
            statusExposed = false;
        }
        judged.clear();
        look(writes, other);
        judged.or(pinned);
        judged.or(wasPinned);
        for (int ref = judged.nextSetBit(0); ref >= 0; ref = judged.nextSetBit(ref + 1)) {
            judge(ref, writes, other);
        }
        wasPinned.clear();
        wasPinned.or(pinned);
        pinned.clear();
    }

    /**
     * Whether an entry grants a frame of the table: it was written when the frame was somebody else's, and the domain may copy there by it
     * now.
     */
    private boolean grantsItself(long mfn) {
        TableFrames frames = domain.tableFrames();
        for (int n = 0; n < frames.sharedCount(); n++) {
            long base = Page.address(frames.sharedFrame(n));
            for (int word = wordsPerEntry() - 1; word < WORDS; word += wordsPerEntry()) {
                long seen = machine.memory().load64(base + (long) word * Long.BYTES);
                if ((version == 1 ? seen >>> Integer.SIZE : seen) == mfn) {
                    return true;
                }
            }
        }
        return false;
    }

    private void look(GuestWrites writes, boolean other) {
        TableFrames frames = domain.tableFrames();
        MachineMemory memory = machine.memory();
        for (int n = 0; n < frames.sharedCount(); n++) {
            if (n == shared.size()) {
                shared.add(new Snapshot(frames.sharedFrame(n)));
            }
            int frame = n;
            expose(frame, frames.sharedFrame(n));
            boolean mayChange = other || writes.rewriteEntries();
            shared.get(n).look(memory, scratch, scratchBytes, (index, before, now) -> {
                int ref = (frame * WORDS + index) / wordsPerEntry();
                judged.set(ref);
                if (!mayChange
                        && ((before ^ now) & ~(version == 1 ? MARKS : 0)) != 0
                        && !(writes.touchMemory() && (reachable(ref) || grantsItself(frames.sharedFrame(frame))))) {
                    throw new Finding(
                            Finding.MARKS,
                            "entry %d of d%d was %x and is %x (word %d) though no guest wrote it"
                                    .formatted(ref, domain.domid(), before, now, index % wordsPerEntry()));
                }
            });
        }
        for (int n = 0; n < frames.statusCount(); n++) {
            if (n == status.size()) {
                status.add(new Snapshot(frames.statusFrame(n)));
            }
            statusExposed |= isReachable(frames.statusFrame(n));
            int frame = n;
            status.get(n).look(memory, scratch, scratchBytes, (index, before, now) -> {
                int first = frame * STATUS_WORDS + index * STATUS_WORDS_PER_LONG;
                judged.set(first, first + STATUS_WORDS_PER_LONG);
            });
        }
    }

    private int wordsPerEntry() {
        return version == 1 ? 1 : 2;
    }

    /**
     * A table frame that somebody can reach as memory: what is in it may be anybody's. One that once had a name may stand in an entry
     * when it has none any more.
     */
    private void expose(int n, long mfn) {
        if (!exposed.get(n) && isReachable(mfn)) {
            exposed.set(n);
        }
    }

    private boolean isReachable(long mfn) {
        FrameTable frames = machine.frames();
        return frames.machineToPhysical(mfn) != FrameTable.NONE || frames.typeUses(mfn) != 0 || named.test(mfn);
    }

    private void judge(int ref, GuestWrites writes, boolean other) {
        int pins = machine.mappings().pins(domain, ref);
        asked.judge(ref, pins);
        long expected = (pins != 0 ? Gtf.READING : 0) | (Mappings.written(pins) ? Gtf.WRITING : 0);
        long marks = marks(ref);
        if (marks == expected) {
            forged.clear(ref);
        } else if (guestWrote(ref, writes, other)) {
            forged.set(ref);
        } else if (!forged.get(ref)) {
            throw new Finding(
                    Finding.MARKS,
                    "entry %d of d%d has the marks %x, its pins %08x ask for %x"
                            .formatted(ref, domain.domid(), marks, pins, expected));
        }
    }

    private boolean guestWrote(int ref, GuestWrites writes, boolean other) {
        return other || writes.name(domain.domid(), ref, version) || (writes.touchMemory() && reachable(ref));
    }

    private boolean reachable(int ref) {
        int frame = ref * wordsPerEntry() / WORDS;
        return exposed.get(frame) || (version != 1 && statusExposed);
    }

    private long marks(int ref) {
        TableFrames frames = domain.tableFrames();
        if (version == 1) {
            int frame = ref / WORDS;
            return frame < frames.sharedCount()
                    ? machine.memory()
                                    .load16(Page.address(frames.sharedFrame(frame)) + (long) (ref % WORDS) * Long.BYTES)
                            & MARKS
                    : 0;
        }
        int frame = ref / STATUS_WORDS;
        return frame < frames.statusCount()
                ? machine.memory()
                                .load16(Page.address(frames.statusFrame(frame))
                                        + (long) (ref % STATUS_WORDS) * Short.BYTES)
                        & MARKS
                : 0;
    }
}
