package grantlab.hypervisor.guest;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;

/** The domain builder: gives a domain its memory and starts vCPU 0. What a toolstack does between create and unpause. */
public final class Boot {
    private Boot() {}

    /**
     * Builds a guest.
     *
     * @param machine where
     * @param domain just created, without memory
     * @param layout where things go
     * @return the guest
     * @throws IllegalStateException when the machine has no memory left
     */
    public static Guest into(Machine machine, Domain domain, GuestLayout layout) {
        long[] frames = populate(machine, domain, layout, layout.pages());
        if (domain.translated()) {
            bootTranslated(machine, domain, layout);
        } else {
            new PageTables(machine.memory(), layout, frames).build();
            for (int n = 0; n < frames.length; n++) {
                machine.frames().setMachineToPhysical(frames[n], layout.address(n) >>> Page.SHIFT);
            }
            int entered = domain.addressSpace().enter(frames[layout.tablesIndex()]);
            if (entered != 0) {
                throw new IllegalStateException(
                        "the page tables of domain " + domain.domid() + " were refused: error " + entered);
            }
        }
        return new Guest(machine, domain, layout, frames);
    }

    /**
     * Gives a domain memory, and nothing else: what is left of a builder that stops there.
     *
     * @param machine where
     * @param domain just created, without memory
     * @param layout where things go
     * @param pages the first so many of the layout
     * @return their machine frames
     * @throws IllegalStateException when the machine has no memory left, or the domain may own no more
     */
    public static long[] populate(Machine machine, Domain domain, GuestLayout layout, int pages) {
        long[] frames = new long[pages];
        for (int n = 0; n < pages; n++) {
            frames[n] = allocate(machine, domain, Page.ORDER_4K);
            if (domain.translated()) {
                domain.physicalMap().populate(Page.frame(layout.address(n)), frames[n]);
            }
        }
        return frames;
    }

    private static long allocate(Machine machine, Domain domain, int order) {
        long frame = machine.frames().allocateZeroed(domain.domid(), order);
        if (frame == FrameTable.NONE) {
            throw new IllegalStateException("the machine has no memory left for domain " + domain.domid());
        }
        return frame;
    }

    private static void bootTranslated(Machine machine, Domain domain, GuestLayout layout) {
        PhysicalMap map = domain.physicalMap();
        domain.addressSpace().cover(layout.base(), Page.address(layout.pages()));
        domain.addressSpace().cover(layout.address(layout.slotIndex()), Page.address(GuestLayout.NAMES));
        for (int n = 0; n < layout.largePages(); n++) {
            long address = GuestLayout.LARGE_BASE + n * GuestLayout.LARGE_BYTES;
            long frame = allocate(machine, domain, Page.ORDER_2M);
            map.set(Page.frame(address), frame, Page.ORDER_2M, PhysicalMap.RAM_RW);
            for (int i = 0; i < 1 << Page.ORDER_2M; i++) {
                machine.frames().setMachineToPhysical(frame + i, Page.frame(address) + i);
            }
            domain.addressSpace().cover(address, GuestLayout.LARGE_BYTES);
            domain.addressSpace().cover(GuestLayout.LARGE_SLOTS + n * GuestLayout.LARGE_BYTES, GuestLayout.LARGE_BYTES);
        }
    }
}
