package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The head of a message.
 *
 * @param request what is asked or answered
 * @param flags a mask of the constants, and the version
 * @param size bytes of the payload, any number
 */
public record Header(int request, int flags, int size) {
    /** Bytes of a head. */
    public static final int SIZE = 12;

    /** The version, in the two lowest bits of the flags. */
    public static final int VERSION = 1;

    /** Flag: an answer. */
    public static final int REPLY = 1 << 2;

    /** Flag: whoever has REPLY_ACK answers with a word: zero for done. */
    public static final int NEED_REPLY = 1 << 3;

    private static final int VERSION_MASK = 3;
    private static final int FLAGS_AT = 4;
    private static final int SIZE_AT = 8;

    /**
     * Reads one.
     *
     * @param from at least its size
     */
    public static Header read(MemorySegment from) {
        return new Header(
                from.get(ValueLayout.JAVA_INT_UNALIGNED, 0),
                from.get(ValueLayout.JAVA_INT_UNALIGNED, FLAGS_AT),
                from.get(ValueLayout.JAVA_INT_UNALIGNED, SIZE_AT));
    }

    /**
     * Writes it.
     *
     * @param to at least its size
     */
    public void write(MemorySegment to) {
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, request);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, FLAGS_AT, flags);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, SIZE_AT, size);
    }

    /**
     * What is wrong with it as the head of a message of one kind.
     *
     * @param kind the number that is expected
     * @param reply whether it is to be an answer
     * @param bytes the size of the payload that is expected
     * @return words for a person, or the empty string
     */
    public String fault(int kind, boolean reply, int bytes) {
        if ((flags & VERSION_MASK) != VERSION) {
            return "version " + (flags & VERSION_MASK) + " of the protocol";
        }
        if (reply != ((flags & REPLY) != 0)) {
            return reply ? "a request where an answer was due" : "an answer that nobody asked for";
        }
        if (request != kind) {
            return "number " + request + " instead of " + kind;
        }
        return size == bytes ? "" : Integer.toUnsignedString(size) + " bytes instead of " + bytes;
    }
}
