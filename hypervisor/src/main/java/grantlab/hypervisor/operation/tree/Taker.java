package grantlab.hypervisor.operation.tree;

import grantlab.api.grant.Leaf;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;

/** Who takes back what a granter granted, in his section: a vCPU of the granter, who buries it, or who waited for devices. */
final class Taker {
    final Domain granter;

    /** What is claimed and waits for its flush. */
    final UnmappedLeaves batch;

    /** Scratch. */
    final AddressSpace.Mapped mapped;

    private final Section section;
    private final Leaf near;

    private Taker(Domain granter, UnmappedLeaves batch, AddressSpace.Mapped mapped, Section section, Leaf near) {
        this.granter = granter;
        this.batch = batch;
        this.mapped = mapped;
        this.section = section;
        this.near = near;
    }

    static Taker of(Caller caller) {
        return new Taker(caller.domain(), caller.unmappedLeaves, caller.mapped, caller.section(), caller.leaf);
    }

    /** Who is no vCPU: buries the granter, or has waited for devices. */
    static Taker beside(Domain granter, Section section) {
        return new Taker(granter, new UnmappedLeaves(), new AddressSpace.Mapped(), section, new Leaf());
    }

    /** Waits until all who are within a hypercall have left; what was read from tables before must be read again. */
    void await(Quiescence quiescence) {
        near.letGo();
        section.leave();
        try {
            quiescence.await();
        } finally {
            section.enter();
        }
    }

    /** So many records more were taken in this section. */
    void works(int records) {
        section.works(records);
    }

    /** Others may have the CPU. */
    void pause() {
        near.letGo();
        section.leave();
        section.enter();
    }
}
