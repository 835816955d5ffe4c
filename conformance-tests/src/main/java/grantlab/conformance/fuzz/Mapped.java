package grantlab.conformance.fuzz;

import grantlab.api.abi.Gntmap;

/**
 * What the generator believes to be mapped.
 *
 * @param variable that keeps the handle
 * @param grantee who mapped
 * @param granter whose reference
 * @param ref the reference
 * @param flags of the request
 * @param address where, as scripts write it
 * @param slot the slot of the grantee that it fills, or -1
 * @param frame what the entry named, as scripts write it, with its domain; or an empty text
 */
public record Mapped(
        int variable, int grantee, int granter, long ref, int flags, String address, int slot, String frame) {
    /** Whether it has a part through the CPU. */
    public boolean host() {
        return (flags & Gntmap.HOST_MAP) != 0;
    }

    /** Whether it has a part through a device. */
    public boolean device() {
        return (flags & Gntmap.DEVICE_MAP) != 0;
    }

    /** Whether its address is a machine address of an entry. */
    public boolean byEntry() {
        return (flags & Gntmap.CONTAINS_PTE) != 0;
    }

    /** The address that unmap must give for the device part. */
    public String device(String absent) {
        return frame.isEmpty() ? absent : "ma:" + frame;
    }
}
