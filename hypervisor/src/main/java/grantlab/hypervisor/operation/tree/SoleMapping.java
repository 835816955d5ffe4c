package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.Worker;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.RecordWord;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * The end of an ordinary mapping that is all that a call ends (grant-v3.md, section 7.2): place, flush, reference, pin and bits, in the
 * order in which {@link UnmapSet} and {@link LeafRelease} do that for many. Nothing waits for others, so nothing is listed.
 */
@MachineScoped
final class SoleMapping {
    private final Domains domains;
    private final LeafPinning leaves;
    private final FrameTable frames;

    @Inject
    SoleMapping(Domains domains, LeafPinning leaves, Ground ground) {
        this.domains = domains;
        this.leaves = leaves;
        this.frames = ground.frames();
    }

    /**
     * Ends it.
     *
     * @param record claimed
     * @return false: it is not ordinary, and nothing was done
     */
    boolean end(Caller caller, int record) {
        long[] page = caller.records.page(record);
        int at = Slab.at(record);
        long word = Records.word(page, at);
        if (!RecordWord.areOrdinary(word)) {
            return false;
        }
        Domain grantee = caller.domain();
        int domid = Records.granterOf(Records.use(page, at));
        Domain granter = LeafRelease.present(domains.find(domid), domid, grantee);
        int act = (int) Records.use(page, at);
        long[] pageOfAct = caller.acts.page(act);
        Tree tree = LeafRelease.tree(granter, LeafActs.tree(pageOfAct, Slab.at(act)));
        leavePlace(caller, granter, Records.place(page, at), Records.frame(page, at));
        Books books = grantee.books();
        Worker by = caller.worker;
        boolean last = leaves.end(books, tree, act, pageOfAct, record, RecordWord.access(word), by);
        by.bucket.letGo();
        caller.advance.ended(tree, books.share(domid), last);
        Records.end(page, at);
        by.atHand.records().give(record);
        return true;
    }

    /** The reference goes after the flush, if the place held one. */
    private void leavePlace(Caller caller, Domain granter, long place, long frame) {
        Domain grantee = caller.domain();
        AddressSpace space = grantee.addressSpace();
        int status = space.remove(place, Page.ORDER_4K, frame, caller.mapped);
        space.flush();
        if (status == Status.OKAY) {
            int held = caller.mapped.access | Access.HOST;
            Holding.drop(frames, frame, Page.ORDER_4K, held, granter, grantee);
        }
    }
}
