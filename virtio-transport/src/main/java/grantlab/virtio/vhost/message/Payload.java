package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;

/** What a message has after its head. */
public sealed interface Payload permits Nothing, Word, VringState, VringAddress, MemoryTable, IotlbMessage {
    /** Bytes of it. */
    int size();

    /**
     * Writes it.
     *
     * @param to zeroed, as large as it is
     */
    void write(MemorySegment to);
}
