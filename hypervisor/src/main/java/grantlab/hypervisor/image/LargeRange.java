package grantlab.hypervisor.image;

import grantlab.api.memory.Page;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Guest frames that a large leaf names: to be large again where there is room.
 *
 * @param gfn the first
 * @param order 9 or 18
 */
record LargeRange(long gfn, int order) implements Comparable<LargeRange> {
    boolean isSound() {
        return (order == Page.ORDER_2M || order == Page.ORDER_1G) && gfn >= 0 && (gfn & (1L << order) - 1) == 0;
    }

    /** Larger ones first, so that smaller ones within them find the place taken. */
    @Override
    public int compareTo(LargeRange other) {
        return order != other.order ? Integer.compare(other.order, order) : Long.compare(gfn, other.gfn);
    }

    void write(DataOutputStream out) throws IOException {
        out.writeLong(gfn);
        out.writeByte(order);
    }

    static LargeRange read(DataInputStream in) throws IOException {
        return new LargeRange(in.readLong(), in.readUnsignedByte());
    }
}
