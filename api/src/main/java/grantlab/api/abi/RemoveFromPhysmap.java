package grantlab.api.abi;

/** struct xen_remove_from_physmap, xen/include/public/memory.h; little endian, 64-bit callers. */
public final class RemoveFromPhysmap {
    /** Bytes of the struct: the stride of an argument array. */
    public static final int SIZE = 16;

    /** In, 2 bytes: whose map. */
    public static final int DOMID = 0;

    /** In, 8 bytes: which frame. */
    public static final int GPFN = 8;

    private RemoveFromPhysmap() {}
}
