package grantlab.conformance.call;

import grantlab.api.abi.Copy;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;

/**
 * GNTTABOP_copy.
 *
 * @param source one end
 * @param destination the other end
 * @param length bytes
 * @param flags GNTCOPY_*: which ends are references
 */
public record CopyCall(End source, End destination, int length, int flags) implements Call<Answer> {
    /**
     * One end of a copy.
     *
     * @param domid whose frame or reference
     * @param number a frame, or a reference
     * @param offset in the page
     */
    public record End(int domid, long number, int offset) {
        private String text(Names names, boolean reference, String side) {
            return side + "dom=" + names.domain(domid) + " " + (side.equals("s") ? "src=" : "dst=")
                    + (reference ? String.valueOf(number) : names.frame(number)) + " " + side + "off=" + offset;
        }
    }

    /**
     * The caller's own frame.
     *
     * @param frame as the caller numbers it
     * @param offset in it
     * @return an end
     */
    public static End own(long frame, int offset) {
        return new End(Domid.SELF, frame, offset);
    }

    /**
     * Somebody's grant, or frame.
     *
     * @param domid whose
     * @param number of it
     * @param offset in it
     * @return an end
     */
    public static End of(int domid, long number, int offset) {
        return new End(domid, number, offset);
    }

    /**
     * Out of a grant.
     *
     * @param source a grant
     * @param destination a frame
     * @param length bytes
     * @return the call
     */
    public static CopyCall from(End source, End destination, int length) {
        return new CopyCall(source, destination, length, Copy.SOURCE_GREF);
    }

    /**
     * Into a grant.
     *
     * @param source a frame
     * @param destination a grant
     * @param length bytes
     * @return the call
     */
    public static CopyCall to(End source, End destination, int length) {
        return new CopyCall(source, destination, length, Copy.DEST_GREF);
    }

    @Override
    public int operation() {
        return GnttabOp.COPY;
    }

    @Override
    public int size() {
        return Copy.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put64(Copy.SOURCE, source.number());
        struct.put16(Copy.SOURCE_DOMID, source.domid());
        struct.put16(Copy.SOURCE_OFFSET, source.offset());
        struct.put64(Copy.DEST, destination.number());
        struct.put16(Copy.DEST_DOMID, destination.domid());
        struct.put16(Copy.DEST_OFFSET, destination.offset());
        struct.put16(Copy.LEN, length);
        struct.put16(Copy.FLAGS, flags);
        struct.put16(Copy.STATUS, UNWRITTEN);
    }

    @Override
    public Answer read(Struct struct, long rc) {
        return new Answer(rc, struct.status(Copy.STATUS));
    }

    @Override
    public String text(Names names) {
        return "copy flags=" + Texts.hex(flags) + " " + source.text(names, (flags & Copy.SOURCE_GREF) != 0, "s") + " "
                + destination.text(names, (flags & Copy.DEST_GREF) != 0, "d") + " len=" + length;
    }
}
