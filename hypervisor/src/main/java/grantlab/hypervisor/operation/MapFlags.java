package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.abi.Gntmap;

/** What the flags of a map request mean as rights and purposes. */
public final class MapFlags {
    /** The parts of which a mapping may consist, and each of which can be unmapped alone. */
    public static final int PARTS = Gntmap.HOST_MAP | Gntmap.DEVICE_MAP;

    private MapFlags() {}

    /**
     * READ, WRITE, HOST and DEVICE as a mapping's flags say.
     *
     * @param flags GNTMAP flags
     */
    public static int access(int flags) {
        return Access.READ
                | ((flags & Gntmap.READONLY) == 0 ? Access.WRITE : 0)
                | ((flags & Gntmap.HOST_MAP) != 0 ? Access.HOST : 0)
                | ((flags & Gntmap.DEVICE_MAP) != 0 ? Access.DEVICE : 0);
    }
}
