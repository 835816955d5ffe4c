package grantlab.virtio.vhost.message;

import java.lang.foreign.MemorySegment;

/** No payload. */
public record Nothing() implements Payload {
    @Override
    public int size() {
        return 0;
    }

    @Override
    public void write(MemorySegment to) {
        // There is nothing.
    }
}
