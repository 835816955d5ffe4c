package grantlab.virtio.queue;

/** Why a queue is broken. A broken queue does nothing until it is reset; nothing but the queue was touched. */
public enum QueueFault {
    /** It is not. */
    NONE,

    /** A part of the queue, or an indirect table, is not reached, or not for writing. */
    UNREACHABLE,

    /** An index says that more was made available, or used, than the queue has room for. */
    INDEX_TOO_FAR,

    /** A descriptor is named that the table does not have. */
    NO_SUCH_DESCRIPTOR,

    /** The chain is longer than the queue, as every loop is (sections 2.7.5 and 2.8.17). */
    CHAIN_TOO_LONG,

    /** The buffer has more than 2^32 bytes (section 2.7.5.2), or a piece of it ends beyond the end of addresses. */
    BUFFER_TOO_LARGE,

    /** An element has no bytes: it is a piece of memory (section 2.7.13.1). */
    EMPTY_ELEMENT,

    /** What the device reads comes after what it writes (sections 2.7.4.2 and 2.8.17). */
    READABLE_AFTER_WRITABLE,

    /** An indirect table, and nobody negotiated them (section 2.7.5.3.1). */
    INDIRECT_NOT_NEGOTIATED,

    /** A table in a table (section 2.7.5.3.1). */
    INDIRECT_IN_INDIRECT,

    /** A table, and something after it; in packed queues also something before it (sections 2.7.5.3.1 and 2.8.19). */
    INDIRECT_IN_CHAIN,

    /** The length of a table is zero, or no whole number of descriptors. */
    TABLE_LENGTH,

    /** Order was negotiated, and descriptors do not follow each other (section 2.7.5.2). */
    OUT_OF_ORDER,

    /** A list goes on with a descriptor that was not made available (section 2.8.17). */
    LIST_INCOMPLETE,

    /** The buffer has no room for what every request of the device has: a head that is read, an answer that is written. */
    NO_SUCH_REQUEST,

    /** The buffer has pieces that the device would write where it only reads, or that it would read where it only writes. */
    WRONG_DIRECTION,

    /** The device used what it had not been given, or used it already. */
    NOT_IN_FLIGHT,

    /** The device says that it wrote more than there was room for. */
    WRITTEN_TOO_MUCH
}
