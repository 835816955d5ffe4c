package grantlab.hypervisor.guest;

import grantlab.api.grant.GrantFormat;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;

/** A domain with software in it: where its things are, and the CPU and kernel that it runs on. */
public final class Guest {
    private final Machine machine;
    private final Domain domain;
    private final GuestLayout layout;
    private final long[] frames;
    private final GuestVcpu vcpu;
    private final LaboratoryKernel kernel;

    Guest(Machine machine, Domain domain, GuestLayout layout, long[] frames) {
        this.machine = machine;
        this.domain = domain;
        this.layout = layout;
        this.frames = frames.clone();
        this.vcpu = machine.vcpu(domain, 0);
        this.kernel = new LaboratoryKernel(this, vcpu);
    }

    /** The machine that it runs on. */
    public Machine machine() {
        return machine;
    }

    /** The format that it brings its tables up in: the machine's. */
    GrantFormat format() {
        return machine.format(machine.settings().grantFormat());
    }

    /** Its domain. */
    public Domain domain() {
        return domain;
    }

    /** Its number. */
    public int domid() {
        return domain.domid();
    }

    /** Where things are. */
    public GuestLayout layout() {
        return layout;
    }

    /** Whether its frame numbers are its own. */
    public boolean translated() {
        return domain.translated();
    }

    /** vCPU 0. */
    public GuestVcpu vcpu() {
        return vcpu;
    }

    /** The kernel on vCPU 0. */
    public LaboratoryKernel kernel() {
        return kernel;
    }

    /**
     * Guest address of a data page.
     *
     * @param n 0..63
     */
    public long page(int n) {
        return layout.address(layout.dataIndex() + named(n));
    }

    /**
     * The number of a data page's frame as the guest knows it, as at boot.
     *
     * @param n 0..63
     */
    public long pageFrame(int n) {
        return translated() ? Page.frame(page(n)) : frames[layout.dataIndex() + named(n)];
    }

    /**
     * Machine frame of a data page, as at boot.
     *
     * @param n 0..63
     */
    public long machineFrame(int n) {
        return frames[layout.dataIndex() + named(n)];
    }

    /**
     * The number of the frame at an address of the guest's memory, as the guest knows it, as at boot.
     *
     * @param address within the region or the large blocks
     * @return a gfn or mfn
     */
    long frameNumber(long address) {
        return translated() ? Page.frame(address) : frames[(int) Page.frame(address - layout.base())];
    }

    /**
     * Guest address of a hole.
     *
     * @param n 0..63
     */
    public long slot(int n) {
        return layout.address(layout.slotIndex() + named(n));
    }

    private static int named(int n) {
        if (n < 0 || n >= GuestLayout.NAMES) {
            throw new IllegalArgumentException("there are 0.." + (GuestLayout.NAMES - 1) + ", not " + n);
        }
        return n;
    }

    /** Guest address of two pages for arguments, followed by one for lists. */
    public long argumentPages() {
        return layout.address(layout.argumentIndex());
    }

    /** Where its mappings stand. */
    public AddressSpace addressSpace() {
        return domain.addressSpace();
    }
}
