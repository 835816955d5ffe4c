package grantlab.virtio.queue;

/**
 * Where order was negotiated: buffers that are told used together, by the id of the last one (sections 2.7.9 and 2.8.8). All but
 * the last count as used completely, so one of which less was written ends its batch.
 */
final class UsedBatch {
    private int buffers;
    private int descriptors;
    private int id;
    private long written;
    private boolean ended;

    void add(DescriptorChain chain, long bytes) {
        buffers++;
        descriptors += chain.ringDescriptors;
        id = chain.id;
        written = bytes;
        ended = bytes != chain.writableBytes();
    }

    boolean ended() {
        return ended;
    }

    int buffers() {
        return buffers;
    }

    int descriptors() {
        return descriptors;
    }

    int id() {
        return id;
    }

    long written() {
        return written;
    }

    void clear() {
        buffers = 0;
        descriptors = 0;
        ended = false;
    }
}
