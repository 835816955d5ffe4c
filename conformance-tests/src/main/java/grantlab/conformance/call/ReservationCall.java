package grantlab.conformance.call;

import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.MemoryReservation;

/**
 * XENMEM_decrease_reservation and XENMEM_populate_physmap of one extent.
 *
 * @param operation one of {@link MemoryOp}
 * @param frame which
 */
public record ReservationCall(int operation, long frame) implements Call<ReservationCall.Moved> {
    /**
     * What the call answers.
     *
     * @param rc how many extents were done, or a negated errno
     * @param frame what the list names after the call
     */
    public record Moved(long rc, long frame) {
        @Override
        public String toString() {
            return Texts.rc(rc) + " frame=" + Texts.hex(frame);
        }
    }

    /**
     * Gives a page back.
     *
     * @param frame as the guest numbers it
     * @return the call
     */
    public static ReservationCall decrease(long frame) {
        return new ReservationCall(MemoryOp.DECREASE_RESERVATION, frame);
    }

    /**
     * Asks for a page.
     *
     * @param frame where the guest wants it
     * @return the call
     */
    public static ReservationCall populate(long frame) {
        return new ReservationCall(MemoryOp.POPULATE_PHYSMAP, frame);
    }

    @Override
    public int hypercall() {
        return Hypercall.MEMORY_OP;
    }

    @Override
    public int size() {
        return MemoryReservation.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put64(MemoryReservation.EXTENT_START, struct.list());
        struct.put64(MemoryReservation.NR_EXTENTS, 1);
        struct.put16(MemoryReservation.DOMID, Domid.SELF);
        struct.putList(0, frame);
    }

    @Override
    public Moved read(Struct struct, long rc) {
        return new Moved(rc, struct.getList(0));
    }

    @Override
    public String text(Names names) {
        String sub = operation == MemoryOp.DECREASE_RESERVATION ? "decrease" : "populate";
        return "memop sub=" + sub + " frame=" + names.frame(frame);
    }
}
