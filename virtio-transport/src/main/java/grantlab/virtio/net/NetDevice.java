package grantlab.virtio.net;

import grantlab.api.Status;
import grantlab.api.transport.DeviceSide;
import grantlab.virtio.device.Attention;
import grantlab.virtio.device.DeviceType;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.QueueFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A network device at a port of a switch (section 5.1): one queue to receive, one to send, no offloads, each frame in one buffer. Header
 * and frame are copied once and judged on the copy. A buffer that is no frame's (without room for a header, or with pieces in the wrong
 * direction) breaks its queue. Frames that are none, and those whose memory is not reached, are lost and counted, and
 * the device goes on: what its driver takes back costs what was in it.
 */
public final class NetDevice implements DeviceType {
    /** Frames that wait for buffers. */
    static final int WAITING = 64;

    /** Buffers that are taken before the first is used. */
    private static final int AHEAD = 16;

    private final long address;
    private final SwitchPort port;
    private final FrameRing arrived = new FrameRing(WAITING);
    private final NetCounts counts = new NetCounts();
    private final DescriptorChain[] chains = new DescriptorChain[AHEAD];
    private final MemorySegment header = MemorySegment.ofArray(new byte[Net.HEADER]);
    private final MemorySegment frame = MemorySegment.ofArray(new byte[Ethernet.LONGEST]);
    private volatile boolean linkUp = true;
    private Attention attention = Attention.NOBODY;

    /**
     * A device that nobody drives yet.
     *
     * @param network of which it takes a port
     * @param address of the device, the low 48 bits
     * @param mostElements pieces of a buffer, at least as many as its queues have
     */
    public NetDevice(LearningSwitch network, long address, int mostElements) {
        this.address = address;
        Arrays.setAll(chains, n -> new DescriptorChain(mostElements));
        this.port = network.plug(address, this::arrive);
    }

    @Override
    public int deviceId() {
        return Net.DEVICE_ID;
    }

    @Override
    public long features() {
        return Net.F_MAC | Net.F_STATUS;
    }

    @Override
    public int queues() {
        return 2;
    }

    @Override
    public void attached(Attention told) {
        attention = told;
    }

    @Override
    public void begin(long features) {
        arrived.open();
    }

    @Override
    public void reset() {
        arrived.close();
    }

    /** The address is in the order of its bytes; the status behind it in the other half of the second word. */
    @Override
    public int configuration(int offset) {
        int status = linkUp ? Net.LINK_UP : 0;
        return switch (offset) {
            case Net.MAC -> Integer.reverseBytes((int) (address >>> Short.SIZE));
            case Net.MAC + Integer.BYTES -> (Short.reverseBytes((short) address) & 0xffff) | status << Short.SIZE;
            default -> 0;
        };
    }

    /**
     * What became of its frames.
     *
     * @return always the same object
     */
    public NetCounts counts() {
        return counts;
    }

    /**
     * The link goes up or down: no frame goes over one that is down. Its driver is told.
     *
     * @param up or down
     */
    public void link(boolean up) {
        linkUp = up;
        attention.configuration();
    }

    /** There is nobody at its port any more. */
    public void unplug() {
        port.unplug();
    }

    /** From the switch: it waits for its buffer, as long as there is a place to wait. */
    private void arrive(MemorySegment bytes, int length) {
        if (linkUp && arrived.add(bytes, length)) {
            attention.queue(Net.RECEIVEQ);
        } else {
            counts.dropped++;
        }
    }

    /** Buffers to receive into lie there until a frame comes. */
    @Override
    public boolean waitsFor(int number) {
        return number == Net.TRANSMITQ;
    }

    @Override
    public void serve(int number, DeviceQueue queue, DeviceSide memory, int most) {
        if (number == Net.RECEIVEQ) {
            receive(queue, memory, most);
        } else {
            transmit(queue, memory, most);
        }
    }

    // ---- what its driver sends: 5.1.6.2

    /** Some frames at a time: what they are in is mapped at once. */
    private void transmit(DeviceQueue queue, DeviceSide memory, int most) {
        int done = 0;
        int taken = takeFrames(queue, memory, most);
        while (taken > 0) {
            for (int n = 0; n < taken; n++) {
                QueueFault fault = judgeSent(chains[n]);
                if (fault != QueueFault.NONE) {
                    queue.breakDown(fault);
                    return;
                }
                send(chains[n], memory);
                queue.use(chains[n], 0);
            }
            memory.requestDone();
            done += taken;
            taken = takeFrames(queue, memory, most - done);
        }
    }

    private int takeFrames(DeviceQueue queue, DeviceSide memory, int most) {
        int taken = 0;
        while (taken < Math.min(most, AHEAD) && queue.take(chains[taken]) == DeviceQueue.Taken.CHAIN) {
            DescriptorChain next = chains[taken];
            if (Ethernet.isLength(next.readableBytes() - Net.HEADER)) {
                anticipate(next, next.readableBytes(), memory);
            }
            taken++;
        }
        return taken;
    }

    private static QueueFault judgeSent(DescriptorChain chain) {
        if (chain.writableBytes() != 0) {
            return QueueFault.WRONG_DIRECTION;
        }
        return chain.readableBytes() < Net.HEADER ? QueueFault.NO_SUCH_REQUEST : QueueFault.NONE;
    }

    private void send(DescriptorChain chain, DeviceSide memory) {
        long length = chain.readableBytes() - Net.HEADER;
        if (!Ethernet.isLength(length)) {
            counts.refused++;
        } else if (chain.load(memory, 0, header, Net.HEADER) != Status.OKAY
                || chain.load(memory, Net.HEADER, frame, (int) length) != Status.OKAY) {
            counts.unreached++;
        } else if (asksForOffloads() || !linkUp || !port.send(frame, (int) length)) {
            counts.refused++;
        } else {
            counts.sent++;
        }
    }

    /** Nobody agreed on any; flags that are not known are ignored (5.1.6.2.2). */
    private boolean asksForOffloads() {
        return (header.get(ValueLayout.JAVA_BYTE, Net.HEADER_FLAGS) & Net.NEEDS_CSUM) != 0
                || header.get(ValueLayout.JAVA_BYTE, Net.HEADER_GSO_TYPE) != Net.GSO_NONE;
    }

    // ---- what its driver receives: 5.1.6.3, 5.1.6.4

    /** A frame for which there is no buffer now is lost. */
    private void receive(DeviceQueue queue, DeviceSide memory, int most) {
        int left = Math.min(most, arrived.size());
        while (left > 0) {
            int taken = takeRoom(queue, memory, Math.min(left, AHEAD));
            if (taken == 0 && queue.fault() == QueueFault.NONE) {
                drop(left);
            }
            if (taken == 0) {
                return;
            }
            for (int n = 0; n < taken; n++) {
                QueueFault fault = judgeRoom(chains[n]);
                if (fault != QueueFault.NONE) {
                    queue.breakDown(fault);
                    return;
                }
                queue.use(chains[n], fill(chains[n], memory));
            }
            memory.requestDone();
            left -= taken;
        }
        if (arrived.size() > 0) {
            attention.queue(Net.RECEIVEQ);
        }
    }

    private int takeRoom(DeviceQueue queue, DeviceSide memory, int most) {
        int taken = 0;
        while (taken < most && queue.take(chains[taken]) == DeviceQueue.Taken.CHAIN) {
            anticipate(chains[taken], arrived.length(taken), memory);
            taken++;
        }
        return taken;
    }

    private void drop(int frames) {
        for (int n = 0; n < frames; n++) {
            arrived.remove();
        }
        counts.dropped += frames;
    }

    private static QueueFault judgeRoom(DescriptorChain chain) {
        if (chain.readableBytes() != 0) {
            return QueueFault.WRONG_DIRECTION;
        }
        return chain.writableBytes() < Net.HEADER ? QueueFault.NO_SUCH_REQUEST : QueueFault.NONE;
    }

    /** Puts the oldest frame into a buffer. @return bytes that were written, header and frame; 0 when it is lost */
    private int fill(DescriptorChain chain, DeviceSide memory) {
        int length = arrived.length(0);
        int written = 0;
        if (length > chain.writableBytes()) {
            counts.dropped++;
        } else if (chain.store(memory, 0, arrived.packet(0), length) != Status.OKAY) {
            counts.unreached++;
        } else {
            counts.received++;
            written = length;
        }
        arrived.remove();
        return written;
    }

    /** The first bytes of a buffer are going to be used. */
    private static void anticipate(DescriptorChain chain, long bytes, DeviceSide memory) {
        long left = bytes;
        for (int n = 0; n < chain.count() && left > 0; n++) {
            long part = Math.min(left, chain.length(n));
            memory.anticipate(chain.address(n), part, chain.deviceWrites(n));
            left -= part;
        }
    }
}
