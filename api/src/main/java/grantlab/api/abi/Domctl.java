package grantlab.api.abi;

/** xen_domctl, xen/include/public/domctl.h, as far as {@link GnttabDomctl} needs it; little endian. */
public final class Domctl {
    /** Bytes of the struct. */
    public static final int SIZE = 144;

    /** In, 4 bytes: which call. */
    public static final int CMD = 0;

    /** In, 4 bytes: XEN_DOMCTL_INTERFACE_VERSION. */
    public static final int INTERFACE_VERSION = 4;

    /** In, 2 bytes: the domain that most of Xen's own calls are about. */
    public static final int DOMAIN = 8;

    /** In and out, 128 bytes: the struct of the call. */
    public static final int PAYLOAD = 16;

    private Domctl() {}
}
