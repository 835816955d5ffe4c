package grantlab.conformance.call;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.UnmapGrantRef;

/**
 * GNTTABOP_unmap_grant_ref.
 *
 * @param handle the maptrack handle
 * @param hostAddress where it is mapped, or 0
 * @param deviceAddress the device mapping, or 0
 */
public record UnmapCall(int handle, long hostAddress, long deviceAddress) implements Call<Answer> {
    /**
     * Nothing to undo yet.
     *
     * @param handle the maptrack handle
     * @return with both addresses 0
     */
    public static UnmapCall of(int handle) {
        return new UnmapCall(handle, 0, 0);
    }

    /**
     * The host mapping.
     *
     * @param address where it is
     * @return the changed call
     */
    public UnmapCall at(long address) {
        return new UnmapCall(handle, address, deviceAddress);
    }

    /**
     * The device mapping.
     *
     * @param address as map answered it
     * @return the changed call
     */
    public UnmapCall device(long address) {
        return new UnmapCall(handle, hostAddress, address);
    }

    @Override
    public int operation() {
        return GnttabOp.UNMAP_GRANT_REF;
    }

    @Override
    public int size() {
        return UnmapGrantRef.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put64(UnmapGrantRef.HOST_ADDR, hostAddress);
        struct.put64(UnmapGrantRef.DEV_BUS_ADDR, deviceAddress);
        struct.put32(UnmapGrantRef.HANDLE, handle);
        struct.put16(UnmapGrantRef.STATUS, UNWRITTEN);
    }

    @Override
    public Answer read(Struct struct, long rc) {
        return new Answer(rc, struct.status(UnmapGrantRef.STATUS));
    }

    @Override
    public String text(Names names) {
        return "unmap h=" + Integer.toUnsignedLong(handle) + " addr=" + names.address(hostAddress) + " dev="
                + Texts.hex(deviceAddress);
    }
}
