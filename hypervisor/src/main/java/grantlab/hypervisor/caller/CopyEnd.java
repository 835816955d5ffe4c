package grantlab.hypervisor.caller;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Pin;
import org.jspecify.annotations.Nullable;

/**
 * One side of a copy as it is kept from element to element (xen-semantics 2.7.3): the domain, and the buffer that was
 * acquired in it. One per vCPU and side, reused.
 */
public final class CopyEnd {
    /** No domid was looked up yet. */
    public static final int NOBODY = -1;

    /** What the element called the domain; DOMID_SELF stays DOMID_SELF. */
    public int domid = NOBODY;

    /** The domain that is called so; means nothing while nobody is. */
    public @Nullable Domain domain;

    /** Whether a buffer is held. */
    public boolean acquired;

    /** By reference, or by frame number. */
    public boolean byReference;

    /** The reference or the frame number. */
    public long name;

    /** Frame and window; the act when by reference. */
    public final Pin pin = new Pin();

    /** Whether the frame's writable type is held. */
    public boolean typed;

    /** Empty. */
    public CopyEnd() {}

    /** Whether the buffer held is the one that an element asks for: same kind, same number. */
    public boolean holds(boolean wantedByReference, long wantedName) {
        return acquired && byReference == wantedByReference && name == wantedName;
    }
}
