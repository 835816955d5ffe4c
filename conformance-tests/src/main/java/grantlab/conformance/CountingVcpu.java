package grantlab.conformance;

import grantlab.api.guest.Vcpu;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;

/** A guest CPU that counts what goes through it. Counts of all CPUs of a world go into the same adders. */
final class CountingVcpu implements Vcpu {
    /** The adders of one world. */
    static final class Counts {
        private final LongAdder hypercalls = new LongAdder();
        private final LongAdder loads = new LongAdder();
        private final LongAdder stores = new LongAdder();

        Cost cost() {
            return new Cost(hypercalls.sum(), loads.sum(), stores.sum(), 0);
        }
    }

    private final Vcpu vcpu;
    private final Counts counts;

    CountingVcpu(Vcpu vcpu, Counts counts) {
        this.vcpu = vcpu;
        this.counts = counts;
    }

    @Override
    public int domid() {
        return vcpu.domid();
    }

    @Override
    public int number() {
        return vcpu.number();
    }

    @Override
    public boolean running() {
        return vcpu.running();
    }

    @Override
    public int load(long address, int bytes) {
        counts.loads.increment();
        return vcpu.load(address, bytes);
    }

    @Override
    public long value() {
        return vcpu.value();
    }

    @Override
    public int faultErrorCode() {
        return vcpu.faultErrorCode();
    }

    @Override
    public int store(long address, int bytes, long value) {
        counts.stores.increment();
        return vcpu.store(address, bytes, value);
    }

    @Override
    public int compareAndExchange(long address, int bytes, long expected, long replacement) {
        counts.stores.increment();
        return vcpu.compareAndExchange(address, bytes, expected, replacement);
    }

    /** A hypercall that reaches the CPU on another way. */
    void countHypercall() {
        counts.hypercalls.increment();
    }

    @Override
    public long hypercall(int number, long a, long b, long c) {
        countHypercall();
        return vcpu.hypercall(number, a, b, c);
    }

    @Override
    public long hypercall(int number, long a, long b, long c, long d) {
        countHypercall();
        return vcpu.hypercall(number, a, b, c, d);
    }

    @Override
    public int loadBytes(long address, MemorySegment into, long at, int length) {
        counts.loads.increment();
        return vcpu.loadBytes(address, into, at, length);
    }

    @Override
    public int storeBytes(long address, MemorySegment from, long at, int length) {
        counts.stores.increment();
        return vcpu.storeBytes(address, from, at, length);
    }

    @Override
    public long notifications(int port) {
        return vcpu.notifications(port);
    }

    @Override
    public void flushTlb() {
        vcpu.flushTlb();
    }
}
