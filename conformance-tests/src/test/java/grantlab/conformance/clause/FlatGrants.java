package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.grant.GuestTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Call;

/** References of a flat table, of either version. */
final class FlatGrants implements Grants {
    private final Party granter;
    private final GuestTable table;
    private final int first;

    FlatGrants(World world, int version) {
        this.granter = world.granter();
        FlatVersions.use(world, version);
        this.table = world.machine().format("v" + version).bringUp(granter.kernel(), World.GRANTEE, -1);
        this.first = FlatReferences.REF;
    }

    @Override
    public long ref(int n) {
        return (long) first + n;
    }

    @Override
    public void grant(int n, int page, boolean writable) {
        int access = writable ? Access.READ | Access.WRITE : Access.READ;
        table.grant(first + n, World.GRANTEE, granter.pageFrame(page), Page.ORDER_4K, access);
    }

    @Override
    public boolean end(int n) {
        return table.end(first + n);
    }

    @Override
    public boolean free(int n) {
        return !table.inUse(first + n);
    }

    @Override
    public V3Call revocation(int from, int count) {
        return FlatReferences.revocation(first + from, count);
    }

    @Override
    public V3Call request(int from, int count) {
        return FlatReferences.asking(first + from, count);
    }

    @Override
    public boolean narrows() {
        return false;
    }

    @Override
    public V3Call narrowing(int n) {
        throw new UnsupportedOperationException("a flat table has no such call");
    }
}
