package grantlab.hypervisor.guest;

import grantlab.api.guest.Vcpu;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.hypercall.Hypercalls;
import java.lang.foreign.MemorySegment;

/** One CPU of a guest: accesses go through its TLB, hypercalls into the engine. One thread at a time. */
public final class GuestVcpu implements Vcpu {
    private static final int PAGE_FAULT = 14;

    private final Caller caller;
    private final Hypercalls hypercalls;
    private final Domain domain;
    private final AddressSpace space;
    private final Tlb tlb;
    private final AddressSpace.Loaded loaded = new AddressSpace.Loaded();

    /**
     * A CPU at rest.
     *
     * @param caller its identity in the hypervisor
     * @param hypercalls where it enters
     */
    @SuppressWarnings("exports") // only the machine makes one
    public GuestVcpu(Caller caller, Hypercalls hypercalls) {
        this.caller = caller;
        this.hypercalls = hypercalls;
        this.domain = caller.domain();
        this.space = domain.addressSpace();
        this.tlb = space.attach();
    }

    @Override
    public int domid() {
        return caller.domid();
    }

    @Override
    public int number() {
        return caller.vcpu();
    }

    @Override
    public boolean running() {
        return domain.running();
    }

    @Override
    public int load(long address, int bytes) {
        return running() ? space.load(tlb, address, bytes, loaded) : stopped();
    }

    @Override
    public long value() {
        return loaded.value;
    }

    @Override
    public int faultErrorCode() {
        return loaded.faultErrorCode;
    }

    @Override
    public int store(long address, int bytes, long value) {
        return running() ? space.store(tlb, address, bytes, value, loaded) : stopped();
    }

    @Override
    public int compareAndExchange(long address, int bytes, long expected, long replacement) {
        return running() ? space.compareAndExchange(tlb, address, bytes, expected, replacement, loaded) : stopped();
    }

    /** A domain that does not run reaches nothing. */
    private int stopped() {
        loaded.faultVector = PAGE_FAULT;
        loaded.faultErrorCode = 0;
        return PAGE_FAULT;
    }

    @Override
    public long hypercall(int number, long a, long b, long c) {
        return hypercalls.call(caller, number, a, b, c, 0);
    }

    @Override
    public long hypercall(int number, long a, long b, long c, long d) {
        return hypercalls.call(caller, number, a, b, c, d);
    }

    @Override
    public int loadBytes(long address, MemorySegment into, long at, int length) {
        return running() ? space.loadBytes(tlb, address, into, at, length, loaded) : stopped();
    }

    @Override
    public int storeBytes(long address, MemorySegment from, long at, int length) {
        return running() ? space.storeBytes(tlb, address, from, at, length, loaded) : stopped();
    }

    @Override
    public long notifications(int port) {
        return domain.events().notifications(port);
    }

    @Override
    public void flushTlb() {
        tlb.flush();
    }
}
