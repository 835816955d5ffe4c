package grantlab.hypervisor.invariant;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.operation.MapFlags;

/** Shows the live mappings of flat tables to whoever judges the books from outside. For a machine at rest. */
public final class Mappings {
    /** The place of a mapping without a part through the CPU. */
    public static final long NOWHERE = Maptrack.NONE;

    /** The place of a mapping that stands nowhere any more and still holds its references. */
    public static final long ORPHANED = Maptrack.ORPHANED;

    private final Domains domains;

    /**
     * Over a machine.
     *
     * @param domains its domains
     */
    public Mappings(Domains domains) {
        this.domains = domains;
    }

    /** Is shown mappings. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One mapping.
         *
         * @param grantee whose handle it is
         * @param granter whose table
         * @param reference in it
         * @param frame the machine frame of the reference
         * @param access READ or READ | WRITE, with HOST, DEVICE or both, as far as these parts live
         * @param place where it was put, {@link #NOWHERE} or {@link #ORPHANED}
         */
        void mapping(Domain grantee, Domain granter, long reference, long frame, int access, long place);
    }

    /**
     * Shows all, by domain and handle. Mappings whose granter is gone hold nothing and are left out.
     *
     * @param visitor is shown them
     */
    public void visit(Visitor visitor) {
        for (Domain grantee : domains.all()) {
            Maptrack maptrack = grantee.maptrack();
            int capacity = maptrack.capacity();
            for (int handle = 0; handle < capacity; handle++) {
                long mapping = maptrack.mapping(handle);
                if (mapping != 0 && maptrack.place(handle) != Maptrack.ESTRANGED) {
                    show(grantee, mapping, maptrack.place(handle), visitor);
                }
            }
        }
    }

    private void show(Domain grantee, long mapping, long place, Visitor visitor) {
        Domain granter = domains.find(Maptrack.granter(mapping));
        if (granter != null) {
            long reference = Maptrack.reference(mapping);
            long frame = granter.grantTable().acts().frame((int) reference);
            visitor.mapping(grantee, granter, reference, frame, MapFlags.access(Maptrack.flags(mapping)), place);
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

    /** Whether a pin word counts a use that may write. */
    public static boolean written(int pins) {
        return Pins.written(pins);
    }
}
