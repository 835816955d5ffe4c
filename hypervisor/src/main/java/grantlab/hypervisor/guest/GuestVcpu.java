package grantlab.hypervisor.guest;

import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.hypercall.Hypercalls;
import java.lang.foreign.MemorySegment;
import java.util.function.IntSupplier;

/**
 * One CPU of a guest: accesses go through its TLB, hypercalls and what an access runs into go to the engine. One thread at a time.
 *
 * <p>An access that comes to a hole stops before it did anything there and asks the hypervisor, as a processor exits for it. Where that
 * gives no fault the rest of the access, within the same page, is made as it is at any hole.
 */
public final class GuestVcpu implements Vcpu {
    private static final int PAGE_FAULT = 14;

    /** Error code of a page fault: the page is there, and the access is not permitted. */
    private static final int PRESENT = 1;

    private final Caller caller;
    private final Hypercalls hypervisor;
    private final Domain domain;
    private final AddressSpace space;
    private final Tlb tlb;
    private final AddressSpace.Loaded loaded = new AddressSpace.Loaded();
    private long hypercalls;
    private long stops;

    /**
     * A CPU at rest.
     *
     * @param caller its identity in the hypervisor
     * @param hypercalls where it enters
     */
    @SuppressWarnings("exports") // only the machine makes one
    public GuestVcpu(Caller caller, Hypercalls hypercalls) {
        this.caller = caller;
        this.hypervisor = hypercalls;
        this.domain = caller.domain();
        this.space = domain.addressSpace();
        this.tlb = space.attach();
        loaded.stopsAtHoles = true;
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
        int fault = running() ? space.load(tlb, address, bytes, loaded) : stopped();
        if (fault == 0) {
            return 0;
        }
        int told = told(fault, false);
        return told != 0 ? told : passing(() -> space.load(tlb, address, bytes, loaded));
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
        int fault = running() ? space.store(tlb, address, bytes, value, loaded) : stopped();
        if (fault == 0) {
            return 0;
        }
        int told = told(fault, true);
        return told != 0 ? told : passing(() -> space.store(tlb, address, bytes, value, loaded));
    }

    @Override
    public int compareAndExchange(long address, int bytes, long expected, long replacement) {
        int fault =
                running() ? space.compareAndExchange(tlb, address, bytes, expected, replacement, loaded) : stopped();
        if (fault == 0) {
            return 0;
        }
        int told = told(fault, true);
        return told != 0
                ? told
                : passing(() -> space.compareAndExchange(tlb, address, bytes, expected, replacement, loaded));
    }

    /**
     * The hypervisor hears of a fault, or of a hole.
     *
     * @return the vector of a fault, or 0: the access goes on
     */
    private int told(int fault, boolean write) {
        boolean hole = fault == AddressSpace.HOLE;
        if (!hole && (fault != PAGE_FAULT || (loaded.faultErrorCode & PRESENT) != 0)) {
            return fault;
        }
        stops++;
        int injected = running() ? hypervisor.fault(caller, loaded.faultAddress, write) : stopped();
        if (!hole) {
            return fault;
        }
        if (injected != 0) {
            loaded.faultVector = injected;
            loaded.faultErrorCode = 0;
        }
        return injected;
    }

    /** An access that no hole stops. */
    private int passing(IntSupplier access) {
        loaded.stopsAtHoles = false;
        int fault = access.getAsInt();
        loaded.stopsAtHoles = true;
        return fault;
    }

    /** A domain that does not run reaches nothing. */
    private int stopped() {
        loaded.faultVector = PAGE_FAULT;
        loaded.faultErrorCode = 0;
        return PAGE_FAULT;
    }

    @Override
    public long hypercall(int number, long a, long b, long c) {
        return hypercall(number, a, b, c, 0);
    }

    @Override
    public long hypercall(int number, long a, long b, long c, long d) {
        hypercalls++;
        return hypervisor.call(caller, number, a, b, c, d);
    }

    @Override
    public int loadBytes(long address, MemorySegment into, long at, int length) {
        int fault = running() ? space.loadBytes(tlb, address, into, at, length, loaded) : stopped();
        return fault == 0
                ? 0
                : rest(
                        fault,
                        false,
                        address,
                        length,
                        (done, part) -> space.loadBytes(tlb, address + done, into, at + done, part, loaded));
    }

    @Override
    public int storeBytes(long address, MemorySegment from, long at, int length) {
        int fault = running() ? space.storeBytes(tlb, address, from, at, length, loaded) : stopped();
        return fault == 0
                ? 0
                : rest(
                        fault,
                        true,
                        address,
                        length,
                        (done, part) -> space.storeBytes(tlb, address + done, from, at + done, part, loaded));
    }

    /** An access to some of many bytes. */
    @FunctionalInterface
    private interface Transfer {
        /** So many bytes behind those that are done. @return the vector of a fault, {@link AddressSpace#HOLE} or 0 */
        int part(int done, int bytes);
    }

    /** What is left of many bytes after a fault. At a hole that gives none those of its page alone pass. */
    private int rest(int first, boolean write, long address, int length, Transfer transfer) {
        int fault = first;
        while (fault != 0) {
            int told = told(fault, write);
            if (told != 0) {
                return told;
            }
            int done = (int) (loaded.faultAddress - address);
            int part = Math.min(length - done, Page.SIZE - Page.offset(loaded.faultAddress));
            fault = passing(() -> transfer.part(done, part));
            int then = done + part;
            if (fault == 0 && then < length) {
                fault = transfer.part(then, length - then);
            }
        }
        return 0;
    }

    @Override
    public long notifications(int port) {
        return domain.events().notifications(port);
    }

    @Override
    public void flushTlb() {
        tlb.flush();
    }

    /**
     * Its hypercalls.
     *
     * @return how many so far; exact while it rests
     */
    public long hypercalls() {
        return hypercalls;
    }

    /**
     * How often it entered the hypervisor: by a hypercall, or by an access that came to a hole or a page fault.
     *
     * @return how many times so far; exact while it rests
     */
    public long exits() {
        return hypercalls + stops;
    }
}
