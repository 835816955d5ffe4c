package grantlab.hypervisor.operation.tree;

import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.revocation.MappingSearch;
import grantlab.hypervisor.tree.Records;

/** Claims what a search shows until the batch is full. Some of it may be shown twice. */
final class RecordClaims implements MappingSearch.Visitor {
    private final Records records;
    private final UnmappedLeaves batch;
    private final int room;
    private final boolean async;
    private boolean missed;

    /**
     * For one look.
     *
     * @param records of the grantee
     * @param batch that they go into
     * @param room how many it may have
     * @param async whether what waits for devices is left to whoever waits for them
     */
    RecordClaims(Records records, UnmappedLeaves batch, int room, boolean async) {
        this.records = records;
        this.batch = batch;
        this.room = room;
        this.async = async;
    }

    @Override
    public boolean visit(int record) {
        if (batch.has(record)) {
            return true;
        }
        if (batch.size() >= room) {
            return false;
        }
        if (records.claim(record)) {
            batch.add(records, record);
        } else if (!async || !records.draining(record)) {
            missed = true;
        }
        return true;
    }

    /** Whether somebody else had claimed one. */
    boolean missed() {
        return missed;
    }
}
