package grantlab.virtio.block;

import grantlab.api.Status;
import grantlab.api.transport.DeviceSide;
import grantlab.virtio.device.DeviceType;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DeviceQueue;
import grantlab.virtio.queue.QueueFault;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A block device: reads, writes, flushes, discards and says its id (section 5.2.6). What the driver asks is copied once and judged on
 * the copy. What is wrong with a request is its status; where there is no room for head or status, or memory is not reached, the queue
 * breaks. Without F_FLUSH what was written is stable before the request is done.
 */
public final class BlockDevice implements DeviceType {
    /** Pieces of one request to discard. */
    private static final int MOST_PIECES = 32;

    /** Requests that are taken before the first is carried out. */
    private static final int AHEAD = 16;

    private static final int STATUS = 1;
    private static final int PART = 4096;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Disk disk;
    private final DescriptorChain[] chains = new DescriptorChain[AHEAD];

    /** The request that is worked on. */
    private DescriptorChain chain;

    private final MemorySegment id = MemorySegment.ofArray(new byte[Block.ID]);
    private final MemorySegment head = MemorySegment.ofArray(new byte[Block.HEAD]);
    private final MemorySegment data = MemorySegment.ofArray(new byte[PART]);
    private final MemorySegment pieces = MemorySegment.ofArray(new byte[MOST_PIECES * Block.DISCARD_PIECE]);
    private final MemorySegment answer = MemorySegment.ofArray(new byte[STATUS]);
    private long features;

    /** Of the request that is worked on: whether all of it that the driver may look at was written. */
    private boolean filled;

    /** Of the request that is worked on: memory was not reached. */
    private boolean unreached;

    /**
     * A device that nobody drives yet.
     *
     * @param disk what it keeps its blocks in; the device does not close it
     * @param name its id, ASCII, of which the first 20 bytes are told
     * @param mostElements pieces of a request, at least as many as its queue has
     */
    public BlockDevice(Disk disk, String name, int mostElements) {
        this.disk = disk;
        Arrays.setAll(chains, n -> new DescriptorChain(mostElements));
        this.chain = chains[0];
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(ascii, 0, id, ValueLayout.JAVA_BYTE, 0, Math.min(ascii.length, Block.ID));
    }

    @Override
    public int deviceId() {
        return Block.DEVICE_ID;
    }

    @Override
    public long features() {
        return Block.F_SEG_MAX | Block.F_FLUSH | Block.F_DISCARD;
    }

    @Override
    public int queues() {
        return 1;
    }

    @Override
    public void begin(long agreed) {
        features = agreed;
    }

    @Override
    public void reset() {
        features = 0;
    }

    @Override
    public int configuration(int offset) {
        return switch (offset) {
            case Block.CAPACITY -> (int) disk.sectors();
            case Block.CAPACITY + Integer.BYTES -> (int) (disk.sectors() >>> Integer.SIZE);
            case Block.SEG_MAX -> chain.most() - 2;
            case Block.MAX_DISCARD_SECTORS -> (int) Math.min(disk.sectors(), Integer.MAX_VALUE);
            case Block.MAX_DISCARD_SEG -> MOST_PIECES;
            case Block.DISCARD_SECTOR_ALIGNMENT -> 1;
            default -> 0;
        };
    }

    /** Some requests at a time: what they need is mapped at once, and they are carried out one after the other. */
    @Override
    public void serve(int number, DeviceQueue queue, DeviceSide memory, int most) {
        int done = 0;
        int taken = take(queue, memory, most);
        while (taken > 0) {
            for (int n = 0; n < taken; n++) {
                chain = chains[n];
                QueueFault fault = answer(memory);
                if (fault != QueueFault.NONE) {
                    queue.breakDown(fault);
                    return;
                }
                queue.use(chain, filled ? chain.writableBytes() : 0);
            }
            memory.requestDone();
            done += taken;
            taken = take(queue, memory, most - done);
        }
    }

    /** When the queue breaks, what was taken before is carried out. */
    private int take(DeviceQueue queue, DeviceSide memory, int most) {
        int taken = 0;
        while (taken < Math.min(most, chains.length) && queue.take(chains[taken]) == DeviceQueue.Taken.CHAIN) {
            DescriptorChain next = chains[taken];
            for (int n = 0; n < next.count(); n++) {
                memory.anticipate(next.address(n), next.length(n), next.deviceWrites(n));
            }
            taken++;
        }
        return taken;
    }

    private QueueFault answer(DeviceSide memory) {
        if (chain.readableBytes() < Block.HEAD || chain.writableBytes() < STATUS) {
            return QueueFault.NO_SUCH_REQUEST;
        }
        unreached = chain.load(memory, 0, head, Block.HEAD) != Status.OKAY;
        if (unreached) {
            return QueueFault.UNREACHABLE;
        }
        filled = chain.writableBytes() == STATUS;
        int status = perform(memory, head.get(INT, 0), head.get(LONG, Block.HEAD_SECTOR));
        answer.set(ValueLayout.JAVA_BYTE, 0, (byte) status);
        if (unreached || chain.store(memory, chain.writableBytes() - STATUS, answer, STATUS) != 0) {
            return QueueFault.UNREACHABLE;
        }
        return QueueFault.NONE;
    }

    /** An error of the disk is the driver's to hear of. */
    private int perform(DeviceSide memory, int type, long sector) {
        try {
            return switch (type) {
                case Block.IN -> read(memory, sector);
                case Block.OUT -> write(memory, sector);
                case Block.FLUSH -> flush();
                case Block.GET_ID -> tellId(memory);
                case Block.DISCARD -> discard(memory);
                default -> Block.UNSUPP;
            };
        } catch (IOException e) {
            return Block.IOERR;
        }
    }

    /** Whether the disk has some bytes from a sector on, and they are whole sectors. */
    private boolean has(long sector, long bytes) {
        return bytes % Block.SECTOR == 0 && hasSectors(sector, bytes / Block.SECTOR);
    }

    private boolean hasSectors(long sector, long count) {
        return sector >= 0 && sector <= disk.sectors() && count <= disk.sectors() - sector;
    }

    private int read(DeviceSide memory, long sector) throws IOException {
        long bytes = chain.writableBytes() - STATUS;
        if (!has(sector, bytes)) {
            return Block.IOERR;
        }
        for (long done = 0; done < bytes; ) {
            int part = (int) Math.min(PART, bytes - done);
            disk.read(sector * Block.SECTOR + done, data, part);
            if (chain.store(memory, done, data, part) != Status.OKAY) {
                unreached = true;
                return Block.IOERR;
            }
            done += part;
        }
        filled = true;
        return Block.OK;
    }

    private int write(DeviceSide memory, long sector) throws IOException {
        long bytes = chain.readableBytes() - Block.HEAD;
        if (!has(sector, bytes)) {
            return Block.IOERR;
        }
        for (long done = 0; done < bytes; ) {
            int part = (int) Math.min(PART, bytes - done);
            if (chain.load(memory, Block.HEAD + done, data, part) != Status.OKAY) {
                unreached = true;
                return Block.IOERR;
            }
            disk.write(sector * Block.SECTOR + done, data, part);
            done += part;
        }
        if ((features & Block.F_FLUSH) == 0) {
            disk.flush();
        }
        return Block.OK;
    }

    private int flush() throws IOException {
        if ((features & Block.F_FLUSH) == 0) {
            return Block.UNSUPP;
        }
        disk.flush();
        return Block.OK;
    }

    private int tellId(DeviceSide memory) {
        if (chain.writableBytes() != Block.ID + STATUS) {
            return Block.IOERR;
        }
        unreached = chain.store(memory, 0, id, Block.ID) != Status.OKAY;
        filled = true;
        return Block.OK;
    }

    /** All pieces are looked at before the first is given up; no flag is known for them (5.2.6.2). */
    private int discard(DeviceSide memory) throws IOException {
        if ((features & Block.F_DISCARD) == 0) {
            return Block.UNSUPP;
        }
        long bytes = chain.readableBytes() - Block.HEAD;
        if (bytes == 0 || bytes % Block.DISCARD_PIECE != 0 || bytes > pieces.byteSize()) {
            return Block.IOERR;
        }
        unreached = chain.load(memory, Block.HEAD, pieces, (int) bytes) != Status.OKAY;
        if (unreached) {
            return Block.IOERR;
        }
        for (long at = 0; at < bytes; at += Block.DISCARD_PIECE) {
            if (pieces.get(INT, at + 12) != 0) {
                return Block.UNSUPP;
            }
            if (!hasSectors(pieces.get(LONG, at), Integer.toUnsignedLong(pieces.get(INT, at + 8)))) {
                return Block.IOERR;
            }
        }
        for (long at = 0; at < bytes; at += Block.DISCARD_PIECE) {
            long count = Integer.toUnsignedLong(pieces.get(INT, at + 8));
            disk.discard(pieces.get(LONG, at) * Block.SECTOR, count * Block.SECTOR);
        }
        return Block.OK;
    }
}
