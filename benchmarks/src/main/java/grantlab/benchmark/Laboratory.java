package grantlab.benchmark;

import grantlab.api.Access;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GuestTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import java.util.HashMap;
import java.util.Map;

/** A machine, one domain that grants its pages and domains that use them. */
final class Laboratory implements AutoCloseable {
    /** References that a granter publishes for one peer; the ones below are reserved. */
    static final int FIRST_REFERENCE = 8;

    private static final int GRANTER = 1;

    /** The usual format. */
    static final String V1 = "v1";

    /** Trees of two levels. */
    static final String TREE = "v3-tree";

    /** Blocks of 2 MiB, and holes for them, that each domain has. */
    private static final int LARGE_PAGES = 1;

    private final Machine machine;
    private final String paging;
    private final Guest granter;

    /** Of a flat format one for all peers, of a tree format one for each. */
    private final Map<Integer, GuestTable> tables = new HashMap<>();

    /**
     * A machine with a granter.
     *
     * @param format of its tables
     * @param granterPaging of the granter
     * @param paging of all other domains
     */
    Laboratory(String format, String granterPaging, String paging) {
        this.machine = Machine.start(Settings.usual().withGrantFormat(format));
        this.paging = paging;
        this.granter = boot(GRANTER, granterPaging, 1);
    }

    private Guest boot(int domid, String mode, int vcpus) {
        int error = machine.createDomain(DomainConfig.usual(domid, mode).withVcpus(vcpus));
        if (error != 0) {
            throw new IllegalStateException("domain " + domid + " was refused: " + error);
        }
        GuestLayout layout = GuestLayout.LABORATORY;
        return machine.boot(domid, mode.equals("hvm") ? layout.withLargePages(LARGE_PAGES) : layout);
    }

    Machine machine() {
        return machine;
    }

    int granter() {
        return GRANTER;
    }

    /**
     * Another domain.
     *
     * @param number 0, 1, ... of those that use grants
     * @param vcpus how many it has
     */
    Guest grantee(int number, int vcpus) {
        return boot(GRANTER + 1 + number, paging, vcpus);
    }

    /**
     * Grants pages, one reference after the other.
     *
     * @param firstReference of them
     * @param count how many references
     * @param firstPage the granter's
     * @param pages how many pages take turns
     */
    void grant(int firstReference, int count, int firstPage, int pages, Guest grantee) {
        for (int i = 0; i < count; i++) {
            long frame = granter.pageFrame(firstPage + i % pages);
            table(grantee).grant(firstReference + i, grantee.domid(), frame, Page.ORDER_4K, Access.READ | Access.WRITE);
        }
    }

    /**
     * Grants a block of 2 MiB once with one leaf, and once page by page.
     *
     * @param large index of the leaf for all of it
     * @param firstSmall index of the leaf of its first page
     */
    void grantBlock(long large, long firstSmall, Guest grantee) {
        long frame = granter.kernel().frameOf(granter.kernel().allocatePages(Page.ORDER_2M));
        GuestTable table = table(grantee);
        table.grant(large, grantee.domid(), frame, Page.ORDER_2M, Access.READ | Access.WRITE);
        for (int i = 0; i < 1 << Page.ORDER_2M; i++) {
            table.grant(firstSmall + i, grantee.domid(), frame + i, Page.ORDER_4K, Access.READ | Access.WRITE);
        }
    }

    /** How the grantee names an index. */
    long reference(Guest grantee, long index) {
        return table(grantee).reference(index);
    }

    private GuestTable table(Guest grantee) {
        GrantFormat format = machine.format(machine.settings().grantFormat());
        int peer = format instanceof FlatFormat ? 0 : grantee.domid();
        return tables.computeIfAbsent(peer, domid -> format.bringUp(granter.kernel(), domid, -1));
    }

    /** Stops, and fails when anything was left behind. */
    @Override
    public void close() {
        try (machine) {
            machine.checkInvariants();
            tables.values().forEach(Laboratory::checkUnused);
        }
    }

    private static void checkUnused(GuestTable table) {
        for (int i = 0; i < table.size(); i++) {
            if (table.inUse(i)) {
                throw new IllegalStateException("reference " + i + " is still in use");
            }
        }
    }
}
