package grantlab.hypervisor.invariant;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.operation.MapFlags;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Records;
import org.jspecify.annotations.Nullable;

/** Shows the live mappings to whoever judges the books from outside. For a machine at rest. */
public final class Mappings {
    /** The place of a mapping without a part through the CPU. */
    public static final long NOWHERE = Maptrack.NONE;

    private static final int PARTS = Access.HOST | Access.DEVICE;

    private final Domains domains;

    /**
     * Over a machine.
     *
     * @param domains its domains
     */
    public Mappings(Domains domains) {
        this.domains = domains;
    }

    /**
     * Whether a mapping stands nowhere any more and still holds what its place did.
     *
     * @param place of the mapping
     */
    public static boolean isOrphaned(long place) {
        return Maptrack.isOrphaned(place);
    }

    /**
     * What the place did hold.
     *
     * @param place of an orphaned mapping
     * @return READ or READ | WRITE
     */
    public static int orphanedAccess(long place) {
        return Maptrack.orphanedAccess(place);
    }

    /** Is shown mappings. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One mapping.
         *
         * @param grantee whose handle it is
         * @param granter whose table; the grantee himself where that one is gone
         * @param reference in it
         * @param frame the first machine frame of the mapping
         * @param access READ or READ | WRITE, with HOST, DEVICE or both, as far as these parts live; neither where it was taken
         *     back and is yet to be acknowledged, but HOST where something stands in for it: then that is the frame
         * @param order log2 of the pages of the mapping
         * @param place where it was put, {@link #NOWHERE} or one that is {@link #isOrphaned orphaned}
         */
        void mapping(Domain grantee, Domain granter, long reference, long frame, int access, int order, long place);
    }

    /**
     * Shows those of flat tables, by domain and handle, and then those that were made through slot 0 of grants v3. Mappings whose
     * granter is gone hold nothing and are left out, but for those for which something stands in.
     *
     * @param visitor is shown them
     */
    public void visit(Visitor visitor) {
        for (Domain grantee : domains.all()) {
            Maptrack maptrack = grantee.maptrack();
            int capacity = maptrack.capacity();
            for (int handle = 0; handle < capacity; handle++) {
                long mapping = maptrack.mapping(handle);
                if (mapping != 0 && !Maptrack.isEstranged(maptrack.place(handle))) {
                    show(grantee, mapping, maptrack.place(handle), visitor);
                }
            }
            visitRecords(grantee, true, visitor);
        }
    }

    /**
     * Shows those of leaves of trees, by domain; as their reference the index of the leaf's first page.
     *
     * @param visitor is shown them
     */
    public void visitLeaves(Visitor visitor) {
        domains.all().forEach(grantee -> visitRecords(grantee, false, visitor));
    }

    private void visitRecords(Domain grantee, boolean flat, Visitor visitor) {
        Books books = grantee.books();
        Records records = books.records();
        for (int record = 0; record < records.capacity(); record++) {
            Domain granter = isShown(records, record, flat) ? granter(grantee, records, record) : null;
            if (granter != null) {
                int act = records.act(record);
                boolean taken = records.empty(record);
                boolean stands = !taken || records.replaced(record);
                visitor.mapping(
                        grantee,
                        granter,
                        flat ? act : books.acts().key(act),
                        records.frame(record),
                        access(records, record, taken, stands),
                        records.order(record),
                        stands ? records.place(record) : NOWHERE);
            }
        }
    }

    private static boolean isShown(Records records, int record, boolean flat) {
        return records.exists(record)
                && (flat || !records.empty(record) || records.replaced(record))
                && records.flat(record) == flat
                && (!records.estranged(record) || records.replaced(record));
    }

    private @Nullable Domain granter(Domain grantee, Records records, int record) {
        return records.estranged(record) ? grantee : domains.find(records.granter(record));
    }

    private static int access(Records records, int record, boolean taken, boolean stands) {
        int gone = stands ? Access.DEVICE : PARTS;
        return taken ? records.access(record) & ~gone : records.access(record);
    }

    private void show(Domain grantee, long mapping, long place, Visitor visitor) {
        Domain granter = domains.find(Maptrack.granter(mapping));
        if (granter != null) {
            long reference = Maptrack.reference(mapping);
            long frame = granter.grantTable().acts().frame((int) reference);
            int access = MapFlags.access(Maptrack.flags(mapping));
            boolean taken = place == Maptrack.TAKEN;
            visitor.mapping(
                    grantee,
                    granter,
                    reference,
                    frame,
                    taken ? access & ~PARTS : access,
                    Page.ORDER_4K,
                    taken ? NOWHERE : place);
        }
    }

    /**
     * The uses of a reference.
     *
     * @param granter whose
     * @param reference any number
     * @return four counters of 8 bits as in {@link Pins}; zero for a reference without a record
     */
    public int pins(Domain granter, long reference) {
        Acts acts = granter.grantTable().acts();
        return Long.compareUnsigned(reference, acts.capacity()) < 0 ? acts.pinsNow((int) reference) : 0;
    }

    /**
     * Whether a granter asked for a reference that is in use, and nobody else may use it (grant-v3.md, 8.2, Slot 0).
     *
     * @param granter whose
     * @param reference of a record in use
     */
    public boolean asked(Domain granter, long reference) {
        return granter.grantTable().acts().askedNow((int) reference);
    }

    /**
     * Whether a reference in use was taken back, and is to be acknowledged.
     *
     * @param granter whose
     * @param reference of a record in use
     */
    public boolean revoked(Domain granter, long reference) {
        return granter.grantTable().acts().revokedNow((int) reference);
    }

    /** Whether a pin word counts a use that may write. */
    public static boolean written(int pins) {
        return Pins.written(pins);
    }
}
