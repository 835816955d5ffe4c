package grantlab.conformance.clause;

import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import java.util.concurrent.locks.LockSupport;

/** A write of a device that is under way while somebody takes away what it goes to. */
final class UnderWay {
    /** What the write brings. */
    static final long VALUE = 0x1a7e_1a7e_1a7e_1a7eL;

    private static final long MOMENT_NANOS = 200_000;

    private final DeviceSpace space;
    private final PartyDevice device;
    private final long address;
    private volatile boolean over;
    private volatile boolean returned;

    private UnderWay(DeviceSpace space, PartyDevice device, long address) {
        this.space = space;
        this.device = device;
        this.address = address;
    }

    /**
     * Whoever takes it away has to wait, and the write arrives.
     *
     * @param party whose device
     * @param device that begins to write
     * @param address device address, which it reaches
     * @param taking takes it away; on a thread of its own
     * @param meanwhile is done when the entry is gone and the write is not over
     */
    static void isWaitedFor(Party party, PartyDevice device, long address, Race.Runner taking, Race.Runner meanwhile) {
        device.beginWrite(address);
        UnderWay underWay = new UnderWay(party.deviceSpace(), device, address);
        Race.run(() -> underWay.take(taking), () -> underWay.look(meanwhile));
    }

    private void take(Race.Runner taking) {
        try {
            taking.run();
            Expect.holds("the device has ended its access when it is taken away", over);
        } finally {
            returned = true;
        }
    }

    private void look(Race.Runner meanwhile) {
        int fault;
        try {
            while (space.entry(Page.frame(address)) != DeviceSpace.NO_ENTRY && !returned) {
                Thread.onSpinWait();
            }
            // What does not wait gets time to show it.
            LockSupport.parkNanos(MOMENT_NANOS);
            meanwhile.run();
        } finally {
            over = true;
            fault = device.finishWrite(VALUE);
        }
        Expect.equal("fault of the write that was under way", 0, fault);
    }
}
