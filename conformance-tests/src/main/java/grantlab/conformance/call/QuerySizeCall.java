package grantlab.conformance.call;

import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.QuerySize;

/**
 * GNTTABOP_query_size.
 *
 * @param dom whose table
 */
public record QuerySizeCall(int dom) implements Call<TableSize> {
    /**
     * The caller's own table.
     *
     * @return the call
     */
    public static QuerySizeCall own() {
        return new QuerySizeCall(Domid.SELF);
    }

    @Override
    public int operation() {
        return GnttabOp.QUERY_SIZE;
    }

    @Override
    public int size() {
        return QuerySize.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put16(QuerySize.DOM, dom);
        struct.put16(QuerySize.STATUS, UNWRITTEN);
    }

    @Override
    public TableSize read(Struct struct, long rc) {
        return new TableSize(
                rc,
                struct.status(QuerySize.STATUS),
                struct.get32(QuerySize.NR_FRAMES),
                struct.get32(QuerySize.MAX_NR_FRAMES));
    }

    @Override
    public String text(Names names) {
        return "query_size dom=" + names.domain(dom);
    }
}
