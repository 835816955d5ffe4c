package grantlab.hypervisor.invariant;

import grantlab.api.Access;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Reserve;
import grantlab.hypervisor.tree.Share;
import grantlab.hypervisor.tree.Tree;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What holds of trees whenever no vCPU is in a hypercall (grant-v3.md, section 17):
 *
 * <ul>
 *   <li>I3: the counters of an act are its records that read and that write; at rest there is no other use;
 *   <li>of an act the records that live and those that were taken back are in lists of their own, and those that insist on
 *       writing are counted;
 *   <li>I5: every act is LIVE or REVOKED and in use, or REVOKING where its grantee was asked for it; of a REVOKED one no record holds anything;
 *   <li>of a grantee's reserve as many pages are promised as mappings say, and as many stand in for something;
 *   <li>I8: what trees, shares and pools are charged for is what there is and what vCPUs have in hand; a domain that died has nothing but trees in use;
 *   <li>I10: an act is of a tree that exists, in its generation, and grants to who uses it.
 * </ul>
 */
final class TreeInvariants {
    private final List<Domain> domains;
    private final Broken broken;
    private final Map<Long, Integer> actsOfTrees = new HashMap<>();
    private final Map<Long, Integer> recordsOfTrees = new HashMap<>();

    /** Is told what does not hold, and does not come back. */
    @FunctionalInterface
    interface Broken {
        void tell(String what, int domid);
    }

    /**
     * Over a machine at rest.
     *
     * @param domains all of them
     * @param broken is told of the first thing that does not hold
     */
    TreeInvariants(List<Domain> domains, Broken broken) {
        this.domains = domains;
        this.broken = broken;
    }

    void check() {
        domains.forEach(this::checkGrantee);
        domains.forEach(this::checkTrees);
    }

    private void checkGrantee(Domain grantee) {
        Books books = grantee.books();
        int acts = 0;
        int together = 0;
        int linked = 0;
        for (int act = 0; act < books.acts().capacity(); act++) {
            if (books.acts().exists(act)) {
                acts++;
                together += books.acts().isTogether(act) ? 1 : 0;
                linked += checkAct(grantee, books, act);
            }
        }
        int counted = books.buckets().octets() * Slab.OCTET;
        require(together == counted, grantee, "has %d acts that are together, and counts %d", together, counted);
        checkRecords(grantee, books, linked);
        checkSets(grantee, books);
        checkPages(grantee, books, acts);
        require(!grantee.dying() || acts == 0, grantee, "is dying and still uses %d leaves of others", acts);
    }

    /** @return how many records are linked to it */
    private int checkAct(Domain grantee, Books books, int act) {
        LeafActs acts = books.acts();
        long pins = acts.pins(act);
        long tree = acts.tree(act);
        long key = acts.key(act);
        boolean revoked = LeafPins.state(pins) == LeafPins.REVOKED;
        require(
                (revoked || LeafPins.state(pins) == LeafPins.LIVE || wasAskedFor(pins, tree, key))
                        && LeafPins.used(pins)
                        && acts.inFlight(act) == 0,
                grantee,
                "has leaf %x of tree %x at rest with the pins %x and %d uses under way",
                key,
                tree,
                pins,
                acts.inFlight(act));
        Tree found = find(tree);
        require(
                found != null && found.binding().bound() && found.binding().grantee() == grantee.domid(),
                grantee,
                "uses leaf %x of tree %x, which does not exist or grants to somebody else",
                key,
                tree);
        actsOfTrees.merge(tree, 1, Integer::sum);
        Listed live = listed(grantee, books, act, acts.firstRecord(act), false);
        Listed taken = listed(grantee, books, act, acts.firstTaken(act), true);
        require(
                (revoked ? live : taken).count() == 0,
                grantee,
                "has leaf %x of tree %x with the pins %x, %d records that live and %d that were taken back",
                key,
                tree,
                pins,
                live.count(),
                taken.count());
        require(
                live.readers + taken.readers == LeafPins.readers(pins)
                        && live.writers + taken.writers == LeafPins.writers(pins),
                grantee,
                "has leaf %x of tree %x with the pins %x, its records are %d that read and %d that write",
                key,
                tree,
                pins,
                live.readers + taken.readers,
                live.writers + taken.writers);
        require(
                live.insistent == acts.insistent(act),
                grantee,
                "has leaf %x of tree %x with %d records that insist on writing, and counts %d",
                key,
                tree,
                live.insistent,
                acts.insistent(act));
        int records = live.count() + taken.count();
        recordsOfTrees.merge(tree, records, Integer::sum);
        return records;
    }

    private boolean wasAskedFor(long pins, long tree, long key) {
        Tree found = find(tree);
        return LeafPins.state(pins) == LeafPins.REVOKING
                && found != null
                && found.revocations().wasAskedFor(key);
    }

    /** What is in one list of an act. */
    private static final class Listed {
        private int readers;
        private int writers;
        private int insistent;

        private int count() {
            return readers + writers;
        }
    }

    private Listed listed(Domain grantee, Books books, int act, int first, boolean taken) {
        Listed listed = new Listed();
        Records records = books.records();
        for (int record = first; record != Records.NONE; record = records.nextOfAct(record)) {
            require(
                    records.exists(record)
                            && !records.flat(record)
                            && records.act(record) == act
                            && records.empty(record) == taken
                            && listed.count() < records.capacity(),
                    grantee,
                    "has record %d in the list of leaf %x of tree %x, which is another's",
                    record,
                    books.acts().key(act),
                    books.acts().tree(act));
            if (Access.writes(records.access(record))) {
                listed.writers++;
            } else {
                listed.readers++;
            }
            listed.insistent += records.insistsOnWriting(record) ? 1 : 0;
        }
        return listed;
    }

    private void checkRecords(Domain grantee, Books books, int linked) {
        Map<Integer, Integer> byGranter = new HashMap<>();
        int ofLeaves = 0;
        int reserved = 0;
        int standIns = 0;
        int inUse = books.records().inUse();
        for (int record = 0; record < books.records().capacity(); record++) {
            if (books.records().exists(record)) {
                byGranter.merge(books.records().granter(record), 1, Integer::sum);
                ofLeaves += books.records().flat(record) ? 0 : 1;
                if (books.records().reserved(record)) {
                    reserved++;
                    standIns += books.records().replaced(record) ? 1 : 0;
                }
            }
        }
        Reserve reserve = books.reserve();
        require(
                reserve.promised() == reserved && reserve.taken() == standIns,
                grantee,
                "has promised %d pages of its reserve and uses %d; mappings say %d and %d",
                reserve.promised(),
                reserve.taken(),
                reserved,
                standIns);
        int all = byGranter.values().stream().mapToInt(Integer::intValue).sum();
        require(all == inUse, grantee, "has %d records and room taken for %d", all, inUse);
        require(ofLeaves == linked, grantee, "has %d records of leaves, %d are in lists of acts", ofLeaves, linked);
        Map<Integer, Share> shares = books.shares();
        TreeSet<Integer> granters = new TreeSet<>(shares.keySet());
        granters.addAll(byGranter.keySet());
        for (int granter : granters) {
            Share share = shares.get(granter);
            int used = share == null ? 0 : books.mappings(share);
            int there = byGranter.getOrDefault(granter, 0);
            require(used == there, grantee, "has %d records of domain %d and is charged for %d", there, granter, used);
        }
        require(
                !grantee.dying() || byGranter.isEmpty(),
                grantee,
                "is dying and still has records of %s",
                byGranter.keySet());
    }

    /** A set has what it counts, and something. */
    private void checkSets(Domain grantee, Books books) {
        int[] mapped = new int[books.mapsets().capacity()];
        for (int record = 0; record < books.records().capacity(); record++) {
            if (books.records().exists(record) && books.records().set(record) != Records.ALONE_SET) {
                int set = books.records().set(record);
                require(
                        set >= 0 && set < mapped.length && books.mapsets().exists(set),
                        grantee,
                        "has record %d in set %d, which does not exist",
                        record,
                        set);
                mapped[set] += 1 << books.records().order(record);
            }
        }
        int sets = 0;
        for (int set = 0; set < mapped.length; set++) {
            boolean exists = books.mapsets().exists(set);
            sets += exists ? 1 : 0;
            require(
                    !exists
                            || (mapped[set] != 0
                                    && mapped[set] == books.mapsets().mapped(set)),
                    grantee,
                    "has set %d with %d pages, and counts %d",
                    set,
                    mapped[set],
                    books.mapsets().mapped(set));
        }
        int inUse = books.mapsets().inUse();
        require(sets == inUse, grantee, "has %d sets and room taken for %d", sets, inUse);
    }

    /** I8: what the pool is charged for is what there is, and of a dead domain its trees alone. */
    private void checkPages(Domain domain, Books books, int acts) {
        int inUse = books.acts().inUse();
        require(acts == inUse, domain, "has %d acts and room taken for %d", acts, inUse);
        int pages = books.pages() + domain.trees().count();
        int used = books.pool().used();
        require(used == pages, domain, "is charged for %d pages, and has %d", used, pages);
        require(!domain.dying() || books.pages() == 0, domain, "is dying and still has %d pages", books.pages());
    }

    private void checkTrees(Domain granter) {
        for (Tree tree : granter.trees().everything()) {
            int acts = actsOfTrees.getOrDefault(tree.id(), 0);
            int records = recordsOfTrees.getOrDefault(tree.id(), 0);
            int leaves = Accounts.leaves(domains, tree);
            int mappings = Accounts.mappings(domains, tree);
            require(
                    leaves == acts && mappings == records,
                    granter,
                    "says of tree %x that %d leaves are in use and mapped %d times; it is %d, and %d times",
                    tree.id(),
                    leaves,
                    mappings,
                    acts,
                    records);
        }
    }

    private @Nullable Tree find(long id) {
        for (Domain domain : domains) {
            if (domain.domid() == Tree.granterOf(id)) {
                Tree tree = domain.trees().lasting(Tree.slotOf(id));
                return tree != null && tree.id() == id ? tree : null;
            }
        }
        return null;
    }

    @SuppressWarnings("AnnotateFormatMethod") // that annotation is no dependency of ours
    private void require(boolean holds, Domain domain, String otherwise, Object... arguments) {
        if (!holds) {
            broken.tell("domain " + domain.domid() + " " + otherwise.formatted(arguments), domain.domid());
        }
    }
}
