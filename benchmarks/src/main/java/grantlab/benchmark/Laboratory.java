package grantlab.benchmark;

import grantlab.api.Access;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GuestTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;

/** A machine, one domain that grants its pages and domains that use them. */
final class Laboratory implements AutoCloseable {
    /** References that a granter publishes for one peer; the ones below are reserved. */
    static final int FIRST_REFERENCE = 8;

    private static final int GRANTER = 1;

    private final Machine machine = Machine.start(Settings.usual());
    private final String paging;
    private final Guest granter;
    private final GuestTable table;

    /**
     * A machine with a granter.
     *
     * @param paging of all its domains
     */
    Laboratory(String paging) {
        this(paging, paging);
    }

    /**
     * A machine with a granter.
     *
     * @param granterPaging of the granter
     * @param paging of all other domains
     */
    Laboratory(String granterPaging, String paging) {
        this.paging = paging;
        this.granter = boot(GRANTER, granterPaging, 1);
        FlatFormat format = (FlatFormat) machine.format(machine.settings().grantFormat());
        this.table = format.bringUp(granter.kernel(), 0, -1);
    }

    private Guest boot(int domid, String mode, int vcpus) {
        int error = machine.createDomain(DomainConfig.usual(domid, mode).withVcpus(vcpus));
        if (error != 0) {
            throw new IllegalStateException("domain " + domid + " was refused: " + error);
        }
        return machine.boot(domid, GuestLayout.LABORATORY);
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
            table.grant(firstReference + i, grantee.domid(), frame, Page.ORDER_4K, Access.READ | Access.WRITE);
        }
    }

    /** Stops, and fails when anything was left behind. */
    @Override
    public void close() {
        try (machine) {
            machine.checkInvariants();
            for (int i = 0; i < table.size(); i++) {
                if (table.inUse(i)) {
                    throw new IllegalStateException("reference " + i + " is still in use");
                }
            }
        }
    }
}
