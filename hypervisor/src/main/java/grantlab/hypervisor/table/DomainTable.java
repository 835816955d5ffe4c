package grantlab.hypervisor.table;

import grantlab.api.Status;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.FrameTable;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.quiescence.Spin;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One domain's flat grant table (Xen's struct grant_table): shared frames, status frames, limits, the format in force, and
 * the private record of each reference. Readers are inside their {@link Section}; a writer holds {@link #change} and, when
 * readers must be gone, unpublishes the format and waits.
 */
public final class DomainTable implements TableFrames {
    /** References 0..7 survive set_version (GNTTAB_NR_RESERVED_ENTRIES). */
    public static final int RESERVED_ENTRIES = 8;

    private final int domid;
    private final int maxFrames;
    private final int maxVersion;
    private final FrameTable frames;
    private final Acts acts = new Acts();
    private final ReentrantLock change = new ReentrantLock();

    private volatile long[] shared = {};
    private volatile long[] status = {};
    private volatile @Nullable InForce inForce;

    /** Copies that follow a grant of a grant of this table at the moment, and hold nothing here but a mark. */
    private final AtomicInteger hops = new AtomicInteger();

    /**
     * A table without frames.
     *
     * @param domid its owner
     * @param maxFrames how many shared frames it may have
     * @param maxVersion the largest version that set_version may bring up
     * @param frames where frames come from
     */
    public DomainTable(int domid, int maxFrames, int maxVersion, FrameTable frames) {
        this.domid = domid;
        this.maxFrames = maxFrames;
        this.maxVersion = maxVersion;
        this.frames = frames;
    }

    /**
     * The limit.
     *
     * @return in shared frames
     */
    public int maxFrames() {
        return maxFrames;
    }

    /**
     * The limit of set_version.
     *
     * @return 1 or 2
     */
    public int maxVersion() {
        return maxVersion;
    }

    /**
     * The private records.
     *
     * @return one for each reference
     */
    public Acts acts() {
        return acts;
    }

    /**
     * The lock of writers: growth, set_version, swap. Taken outside of every section.
     *
     * @return the lock
     */
    public ReentrantLock change() {
        return change;
    }

    @Override
    public int sharedCount() {
        return shared.length;
    }

    @Override
    public long sharedFrame(int n) {
        return shared[n];
    }

    @Override
    public int statusCount() {
        return status.length;
    }

    @Override
    public long statusFrame(int n) {
        return status[n];
    }

    /**
     * What is in force, for a reader inside its section. While a writer changes it the reader steps out of its section and
     * waits; it holds nothing that it has read from this table before.
     *
     * @param section of the reader, inside
     * @return format and table, valid until the reader leaves its section
     */
    public InForce enter(Section section) {
        InForce seen = inForce;
        for (int spin = 0; seen == null; spin++) {
            section.leave();
            Spin.once(spin);
            section.enter();
            seen = inForce;
        }
        return seen;
    }

    /**
     * What is in force, for a thread outside of every section; it waits while a writer changes it.
     *
     * @return it
     */
    public InForce awaitInForce() {
        InForce seen = inForce;
        for (int spin = 0; seen == null; spin++) {
            Spin.once(spin);
            seen = inForce;
        }
        return seen;
    }

    /**
     * What is in force, for a writer that holds the lock, or for a look at a machine at rest.
     *
     * @return it
     */
    public InForce inForce() {
        InForce seen = inForce;
        if (seen == null) {
            throw new IllegalStateException("the table of domain " + domid + " is being changed");
        }
        return seen;
    }

    /** A reader marked an entry and leaves this table for the one that it leads to; it comes back for {@link #endHop}. */
    public void beginHop() {
        hops.incrementAndGet();
    }

    /** The reader is back, inside its section. */
    public void endHop() {
        hops.decrementAndGet();
    }

    /**
     * Whether a reader is between {@link #beginHop} and {@link #endHop}: it will come back to the format it left (XSA-501).
     *
     * @return while anybody is
     */
    public boolean hopsUnderWay() {
        return hops.get() > 0;
    }

    /** Keeps readers out until {@link #publish}. The writer holds the lock and is outside of its section. */
    public void unpublish(Quiescence quiescence) {
        inForce = null;
        quiescence.await();
    }

    /**
     * Readers may come (back). Formats differ in how many entries a frame holds: there is a record for each.
     *
     * @param format what is in force from now on
     */
    public void publish(FlatFormat format) {
        acts.grow((long) shared.length * format.entriesPerFrame());
        FlatTable table = format.open(this);
        inForce = new InForce(format, table, new Grants(table, acts));
    }

    /**
     * Grows to a number of shared frames, with the status frames that the format wants: all or nothing. Under the lock.
     *
     * @param wanted shared frames, within the limit
     * @return whether there was memory
     */
    public boolean grow(FlatFormat format, int wanted) {
        long[] grownShared = grown(shared, wanted);
        if (grownShared.length == 0) {
            return false;
        }
        if (!growStatus(format, wanted)) {
            release(grownShared, shared.length);
            return false;
        }
        acts.grow((long) wanted * format.entriesPerFrame());
        shared = grownShared;
        return true;
    }

    /**
     * Brings the status frames that go with a number of shared frames. Under the lock.
     *
     * @return if there was memory
     */
    public boolean growStatus(FlatFormat format, int sharedFrames) {
        int wanted = format.statusFrames(sharedFrames);
        if (wanted <= status.length) {
            return true;
        }
        long[] grownStatus = grown(status, wanted);
        if (grownStatus.length == 0) {
            return false;
        }
        status = grownStatus;
        return true;
    }

    /**
     * Gives back the status frames that a format has no use for. Under the lock, unpublished.
     *
     * @param format that comes into force
     * @param space of the owner, which may have them mapped
     * @return zero, -EBUSY or CRASH_CALLER
     */
    public int withdrawStatus(FlatFormat format, AddressSpace space) {
        if (format.statusFrames(shared.length) > 0) {
            return Status.OKAY;
        }
        for (long mfn : status) {
            int withdrawn = space.withdrawTableFrame(mfn);
            if (withdrawn != Status.OKAY) {
                return withdrawn;
            }
        }
        release(status, 0);
        status = new long[0];
        return Status.OKAY;
    }

    private long[] grown(long[] old, int wanted) {
        long[] grown = Arrays.copyOf(old, Math.max(wanted, old.length));
        for (int n = old.length; n < grown.length; n++) {
            grown[n] = frames.allocateShared(domid);
            if (grown[n] == FrameTable.NONE) {
                release(Arrays.copyOf(grown, n), old.length);
                return new long[0];
            }
        }
        return grown;
    }

    private void release(long[] allocated, int from) {
        for (int n = from; n < allocated.length; n++) {
            frames.freeShared(allocated[n]);
        }
    }

    /** The domain is gone and nobody looks at the table any more: its frames go. */
    public void dispose() {
        release(shared, 0);
        release(status, 0);
        shared = new long[0];
        status = new long[0];
    }

    /**
     * Whether anybody but the table itself holds one of its frames.
     *
     * @return true while a frame is mapped somewhere
     */
    public boolean framesHeldElsewhere() {
        return heldElsewhere(shared) || heldElsewhere(status);
    }

    private boolean heldElsewhere(long[] held) {
        return Arrays.stream(held).anyMatch(mfn -> frames.references(mfn) > 0);
    }
}
