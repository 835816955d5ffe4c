package grantlab.hypervisor.guest;

import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** The tables of one guest, each brought up when it is first asked for, and who has which of their indices. One thread at a time. */
public final class OwnTables {
    private static final int ANYBODY = -1;
    private static final int NO_DEVICE = -1;

    private final GuestKernel kernel;
    private final GrantFormat format;
    private final Map<Key, GuestTable> tables = new HashMap<>();
    private final IdentityHashMap<GuestTable, Indices> indices = new IdentityHashMap<>();

    private record Key(int peer, int deviceId) {}

    /**
     * None yet.
     *
     * @param kernel of the guest
     * @param format of all of them
     */
    public OwnTables(GuestKernel kernel, GrantFormat format) {
        this.kernel = kernel;
        this.format = format;
    }

    /**
     * A table, as {@link GuestKernel#table} has it.
     *
     * @throws IllegalStateException as there
     */
    public GuestTable table(int peer, int deviceId) {
        boolean one = format instanceof FlatFormat;
        if (one && deviceId != NO_DEVICE) {
            throw new IllegalStateException("a flat table is one for all: there is none for device " + deviceId);
        }
        Key key = new Key(one ? ANYBODY : peer, deviceId);
        GuestTable known = tables.get(key);
        if (known == null) {
            known = format.bringUp(kernel, peer, deviceId);
            tables.put(key, known);
            indices.put(known, new Indices(known.size()));
        }
        return known;
    }

    /**
     * Who has which index of a table.
     *
     * @param table from {@link #table}
     */
    public Indices indices(GuestTable table) {
        Indices known = indices.get(table);
        if (known == null) {
            throw new IllegalArgumentException("the table was not brought up by this kernel");
        }
        return known;
    }
}
