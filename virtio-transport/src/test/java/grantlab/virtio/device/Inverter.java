package grantlab.virtio.device;

import grantlab.api.guest.GuestMemory;
import grantlab.api.transport.DeviceSide;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.QueueFault;

/** A device that answers each byte with its inverse; a request that is not reached breaks the queue. */
final class Inverter implements DeviceType {
    static final int DEVICE_ID = 42;
    static final long FEATURE = 1 << 3;
    static final int QUEUES = 2;

    private final DescriptorChain chain = new DescriptorChain(8);
    long agreed;
    int resets;
    int served;

    @Override
    public int deviceId() {
        return DEVICE_ID;
    }

    @Override
    public long features() {
        return FEATURE;
    }

    @Override
    public int queues() {
        return QUEUES;
    }

    @Override
    public void begin(long features) {
        agreed = features;
    }

    @Override
    public int configuration(int offset) {
        return offset == 8 ? 0x1234_5678 : 0;
    }

    @Override
    public void serve(int number, DeviceQueue queue, DeviceSide memory, int most) {
        int count = 0;
        while (count < most && queue.take(chain) == DeviceQueue.Taken.CHAIN) {
            count++;
            served++;
            if (!answer(memory)) {
                queue.breakDown(QueueFault.UNREACHABLE);
                return;
            }
            queue.use(chain, chain.writableBytes());
        }
    }

    private boolean answer(GuestMemory memory) {
        long from = chain.address(0);
        long to = chain.address(chain.count() - 1);
        for (int n = 0; n < chain.writableBytes(); n++) {
            if (memory.load(from + n, 1) != 0 || memory.store(to + n, 1, ~memory.value()) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void reset() {
        resets++;
    }
}
