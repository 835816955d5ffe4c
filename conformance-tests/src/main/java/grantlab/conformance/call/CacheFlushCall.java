package grantlab.conformance.call;

import grantlab.api.abi.CacheFlush;
import grantlab.api.abi.GnttabOp;

/**
 * GNTTABOP_cache_flush. It has no status: the hypercall's result is the answer.
 *
 * @param number machine address, or a reference with {@link #SOURCE_GREF}
 * @param offset in the page
 * @param length bytes
 * @param op GNTTAB_CACHE_*
 */
public record CacheFlushCall(long number, int offset, int length, int op) implements Call<Long> {
    /** GNTTAB_CACHE_SOURCE_GREF: the number is a reference. */
    public static final int SOURCE_GREF = 1 << 31;

    @Override
    public int operation() {
        return GnttabOp.CACHE_FLUSH;
    }

    @Override
    public int size() {
        return CacheFlush.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put64(CacheFlush.DEV_BUS_ADDR, number);
        struct.put16(CacheFlush.OFFSET, offset);
        struct.put16(CacheFlush.LENGTH, length);
        struct.put32(CacheFlush.OP, op);
    }

    @Override
    public Long read(Struct struct, long rc) {
        return rc;
    }

    @Override
    public String text(Names names) {
        return "cache_flush op=" + Texts.hex(op) + ((op & SOURCE_GREF) != 0 ? " ref=" : " dev=") + Texts.hex(number)
                + " off=" + offset + " len=" + length;
    }
}
