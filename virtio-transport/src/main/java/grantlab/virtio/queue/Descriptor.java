package grantlab.virtio.queue;

/**
 * A descriptor: 16 bytes, of which each half is one word. The first is the address in both layouts; the second differs:
 *
 * <pre>
 *   split  (2.7.5)   len 31:0   flags 47:32   next  63:48
 *   packed (2.8.13)  len 31:0   id    47:32   flags 63:48
 * </pre>
 */
final class Descriptor {
    /** Bytes of one, in both layouts. */
    static final int SIZE = 16;

    /** Offset of the second half. */
    static final int REST = 8;

    /** VIRTQ_DESC_F_NEXT. */
    static final int NEXT = 1;

    /** VIRTQ_DESC_F_WRITE: the device writes, and else reads. */
    static final int WRITE = 1 << 1;

    /** VIRTQ_DESC_F_INDIRECT. */
    static final int INDIRECT = 1 << 2;

    /** VIRTQ_DESC_F_AVAIL, of packed queues. */
    static final int AVAIL = 1 << 7;

    /** VIRTQ_DESC_F_USED, of packed queues. */
    static final int USED = 1 << 15;

    private Descriptor() {}

    static long length(long rest) {
        return rest & 0xffff_ffffL;
    }

    /** Split: the flags. Packed: the id. */
    static int third(long rest) {
        return (int) (rest >>> 32) & 0xffff;
    }

    /** Split: next. Packed: the flags. */
    static int fourth(long rest) {
        return (int) (rest >>> 48);
    }

    static long rest(long length, int third, int fourth) {
        return length | (long) third << 32 | (long) fourth << 48;
    }

    /** Whether a table may be where a descriptor says that it is, and be so long (2.7.5.3.1 and 2.8.19). */
    static QueueFault judgeTable(long address, long bytes, int queueSize) {
        if (bytes == 0 || bytes % SIZE != 0) {
            return QueueFault.TABLE_LENGTH;
        }
        if (bytes / SIZE > queueSize) {
            return QueueFault.CHAIN_TOO_LONG;
        }
        return DescriptorChain.endsBeyondAddresses(address, bytes) ? QueueFault.BUFFER_TOO_LARGE : QueueFault.NONE;
    }
}
