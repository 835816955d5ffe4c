package grantlab.conformance.call;

import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.MapGrantRef;

/**
 * GNTTABOP_map_grant_ref.
 *
 * @param dom the granter
 * @param ref the reference
 * @param hostAddress where
 * @param flags GNTMAP_*
 */
public record MapCall(int dom, long ref, long hostAddress, int flags) implements Call<Mapped> {
    /**
     * A writable host mapping.
     *
     * @param dom the granter
     * @param ref the reference
     * @return at address 0
     */
    public static MapCall of(int dom, long ref) {
        return new MapCall(dom, ref, 0, Gntmap.HOST_MAP);
    }

    /**
     * Elsewhere.
     *
     * @param address where
     * @return the changed call
     */
    public MapCall at(long address) {
        return new MapCall(dom, ref, address, flags);
    }

    /**
     * With other flags.
     *
     * @param gntmapFlags all of them
     * @return the changed call
     */
    public MapCall flags(int gntmapFlags) {
        return new MapCall(dom, ref, hostAddress, gntmapFlags);
    }

    /**
     * With GNTMAP_readonly.
     *
     * @return the changed call
     */
    public MapCall readonly() {
        return flags(flags | Gntmap.READONLY);
    }

    @Override
    public int operation() {
        return GnttabOp.MAP_GRANT_REF;
    }

    @Override
    public int size() {
        return MapGrantRef.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put64(MapGrantRef.HOST_ADDR, hostAddress);
        struct.put32(MapGrantRef.FLAGS, flags);
        struct.put32(MapGrantRef.REF, ref);
        struct.put16(MapGrantRef.DOM, dom);
        struct.put16(MapGrantRef.STATUS, UNWRITTEN);
        struct.put32(MapGrantRef.HANDLE, -1);
    }

    @Override
    public Mapped read(Struct struct, long rc) {
        return new Mapped(
                rc,
                struct.status(MapGrantRef.STATUS),
                struct.get32(MapGrantRef.HANDLE),
                struct.get64(MapGrantRef.DEV_BUS_ADDR));
    }

    @Override
    public String text(Names names) {
        return "map addr=" + names.address(hostAddress) + " flags=" + Texts.hex(flags) + " dom=" + names.domain(dom)
                + " ref=" + ref;
    }
}
