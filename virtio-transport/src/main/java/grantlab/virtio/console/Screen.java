package grantlab.virtio.console;

import java.lang.foreign.MemorySegment;

/** Where what is printed goes. By the thread that serves the device; a byte of an emergency also by the driver's. */
public interface Screen {
    /**
     * Shows bytes.
     *
     * @param bytes their beginning is shown; another's after this returns
     * @param length how many
     */
    void print(MemorySegment bytes, int length);
}
