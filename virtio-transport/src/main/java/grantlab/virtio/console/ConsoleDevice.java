package grantlab.virtio.console;

import grantlab.api.Status;
import grantlab.api.transport.DeviceSide;
import grantlab.virtio.device.Attention;
import grantlab.virtio.device.DeviceType;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.QueueFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A console device with one port (section 5.3): what its driver prints goes to a {@link Screen}, what is typed waits until there is a buffer, and
 * nothing of either is lost. A buffer with pieces in the wrong direction breaks its queue, and so does one that is not reached: of
 * a stream no piece is left out.
 */
public final class ConsoleDevice implements DeviceType {
    /** Bytes that were typed and wait. */
    public static final int WAITING = 4096;

    /** Bytes that are moved at once. */
    private static final int PART = 4096;

    private final Screen screen;
    private final DescriptorChain chain;
    private final MemorySegment part = MemorySegment.ofArray(new byte[PART]);
    private final MemorySegment emergency = MemorySegment.ofArray(new byte[1]);

    /** What was typed: a ring, and its own lock. */
    private final byte[] typed = new byte[WAITING];

    private int first;
    private int count;

    private volatile int size;
    private Attention attention = Attention.NOBODY;

    /**
     * A device that nobody drives yet.
     *
     * @param screen where what is printed goes
     * @param columns of it
     * @param rows of it
     * @param mostElements pieces of a buffer, at least as many as its queues have
     */
    public ConsoleDevice(Screen screen, int columns, int rows, int mostElements) {
        this.screen = screen;
        this.chain = new DescriptorChain(mostElements);
        this.size = size(columns, rows);
    }

    private static int size(int columns, int rows) {
        return (columns & 0xffff) | rows << Short.SIZE;
    }

    @Override
    public int deviceId() {
        return Console.DEVICE_ID;
    }

    @Override
    public long features() {
        return Console.F_SIZE | Console.F_EMERG_WRITE;
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
    public void begin(long features) {}

    /** What was typed waits for the next driver. */
    @Override
    public void reset() {}

    @Override
    public int configuration(int offset) {
        return offset == Console.SIZE ? size : 0;
    }

    /** Also from a driver that has agreed on nothing yet: that is what it is for (5.3.4). */
    @Override
    public void configure(int offset, int value) {
        if (offset == Console.EMERG_WR) {
            emergency.set(ValueLayout.JAVA_BYTE, 0, (byte) value);
            screen.print(emergency, 1);
        }
    }

    /**
     * The screen has another size; the driver is told. Any thread.
     *
     * @param columns of it
     * @param rows of it
     */
    public void resize(int columns, int rows) {
        size = size(columns, rows);
        attention.configuration();
    }

    /**
     * Bytes are typed. Any thread.
     *
     * @param bytes in their order
     * @return how many of them found room; the rest has to be typed again
     */
    public int type(byte[] bytes) {
        int accepted;
        synchronized (typed) {
            accepted = Math.min(bytes.length, WAITING - count);
            for (int n = 0; n < accepted; n++) {
                typed[(first + count) % WAITING] = bytes[n];
                count++;
            }
        }
        if (accepted > 0) {
            attention.queue(Console.RECEIVEQ);
        }
        return accepted;
    }

    private int waiting() {
        synchronized (typed) {
            return count;
        }
    }

    /** Buffers to type into lie there until somebody types. */
    @Override
    public boolean waitsFor(int number) {
        return number == Console.TRANSMITQ || waiting() > 0;
    }

    @Override
    public void serve(int number, DeviceQueue queue, DeviceSide memory, int most) {
        if (number == Console.RECEIVEQ) {
            receive(queue, memory, most);
        } else {
            transmit(queue, memory, most);
        }
    }

    private void transmit(DeviceQueue queue, DeviceSide memory, int most) {
        for (int done = 0; done < most && queue.take(chain) == DeviceQueue.Taken.CHAIN; done++) {
            QueueFault fault = chain.writableBytes() != 0 ? QueueFault.WRONG_DIRECTION : print(memory);
            if (fault != QueueFault.NONE) {
                queue.breakDown(fault);
                return;
            }
            queue.use(chain, 0);
        }
    }

    private QueueFault print(DeviceSide memory) {
        for (long done = 0; done < chain.readableBytes(); ) {
            int length = (int) Math.min(PART, chain.readableBytes() - done);
            if (chain.load(memory, done, part, length) != Status.OKAY) {
                return QueueFault.UNREACHABLE;
            }
            screen.print(part, length);
            done += length;
        }
        return QueueFault.NONE;
    }

    private void receive(DeviceQueue queue, DeviceSide memory, int most) {
        for (int done = 0; done < most && waiting() > 0 && queue.take(chain) == DeviceQueue.Taken.CHAIN; done++) {
            if (chain.readableBytes() != 0) {
                queue.breakDown(QueueFault.WRONG_DIRECTION);
                return;
            }
            int length = look((int) Math.min(PART, chain.writableBytes()));
            if (chain.store(memory, 0, part, length) != Status.OKAY) {
                queue.breakDown(QueueFault.UNREACHABLE);
                return;
            }
            forget(length);
            queue.use(chain, length);
        }
    }

    /** The next bytes, which stay until they are told. @return how many */
    private int look(int most) {
        synchronized (typed) {
            int length = Math.min(most, count);
            for (int n = 0; n < length; n++) {
                part.set(ValueLayout.JAVA_BYTE, n, typed[(first + n) % WAITING]);
            }
            return length;
        }
    }

    private void forget(int length) {
        synchronized (typed) {
            first = (first + length) % WAITING;
            count -= length;
        }
    }
}
