package grantlab.virtio.net;

import java.lang.foreign.MemorySegment;

/** A port of a {@link LearningSwitch}, and what was learned of who is behind it: the last addresses, besides the configured one. */
public final class SwitchPort {
    /** Addresses that are remembered of a port. */
    public static final int MOST_LEARNED = 16;

    private final LearningSwitch network;
    private final long own;
    private final LearningSwitch.Receiver receiver;
    private final long[] learned = new long[MOST_LEARNED];
    private int count;

    /** Where the next one goes when all places are taken: the oldest. */
    private int oldest;

    SwitchPort(LearningSwitch network, long own, LearningSwitch.Receiver receiver) {
        this.network = network;
        this.own = own;
        this.receiver = receiver;
    }

    /**
     * A frame comes from who is at this port.
     *
     * @param frame its bytes from the first on; the caller's again when this returns
     * @param length in bytes
     * @return false: it is too short or too long, or its source is a group's or another port's address, and it went nowhere
     */
    public boolean send(MemorySegment frame, int length) {
        return network.forward(this, frame, length);
    }

    /** Nothing comes out of it any more, and what comes in goes nowhere. */
    public void unplug() {
        network.unplug(this);
    }

    void deliver(MemorySegment frame, int length) {
        receiver.receive(frame, length);
    }

    boolean isOwn(long address) {
        return own == address;
    }

    boolean knows(long address) {
        for (int n = 0; n < count; n++) {
            if (learned[n] == address) {
                return true;
            }
        }
        return false;
    }

    void learn(long address) {
        if (count < MOST_LEARNED) {
            learned[count] = address;
            count++;
        } else {
            learned[oldest] = address;
            oldest = (oldest + 1) % MOST_LEARNED;
        }
    }

    /** It is behind another port now. The order of those that stay is that of the places: good enough to choose whom to forget. */
    void forget(long address) {
        for (int n = 0; n < count; n++) {
            if (learned[n] == address) {
                count--;
                learned[n] = learned[count];
                oldest = 0;
                return;
            }
        }
    }
}
