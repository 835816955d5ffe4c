package grantlab.p2m.memory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * RAM that the next machine of the same size gets when this one is gone. To have the operating system take back what a machine touched and
 * hand out the same anew, page by page, takes longer than most machines of a matrix live; to write zeroes where something was written does
 * not. The file tells where that is, so that nothing else is read or written, and nothing of a machine is found in the next.
 */
final class SpareRam implements Reservation {
    /** As many machines end before others begin. */
    private static final int MOST_SPARES = 4;

    /** An ordinary machine writes to a fraction of it. Who writes to more gives it back: all others would write zeroes there for ever. */
    private static final long MOST_BYTES = 2L << 20;

    /** The one that was left first is the first to be taken. */
    private static final Deque<SpareRam> SPARES = new ArrayDeque<>();

    private final MemoryFile file;
    private final MappedFile mapped;

    private SpareRam(MemoryFile file, MappedFile mapped) {
        this.file = file;
        this.mapped = mapped;
    }

    /**
     * One that is spare, or a new one.
     *
     * @param bytes how large
     * @throws UnsupportedOperationException where the operating system has no files in memory
     * @throws IOException when it cannot be mapped
     */
    static SpareRam of(long bytes) throws IOException {
        SpareRam spare = take(bytes);
        return spare == null ? create(bytes) : spare;
    }

    private static @Nullable SpareRam take(long bytes) {
        synchronized (SPARES) {
            for (Iterator<SpareRam> spares = SPARES.iterator(); spares.hasNext(); ) {
                SpareRam spare = spares.next();
                if (spare.bytes().byteSize() == bytes) {
                    spares.remove();
                    return spare;
                }
            }
            return null;
        }
    }

    private static SpareRam create(long bytes) throws IOException {
        MemoryFile file = MemoryFile.create("grantlab-ram");
        try {
            SpareRam ram = new SpareRam(file, MappedFile.of(file.path(), bytes));
            ram.expectTells();
            return ram;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** What does not tell where something was written cannot be wiped. */
    private void expectTells() {
        bytes().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        if (file.data(0) != 0 || file.hole(0) <= 0) {
            mapped.close();
            throw new UnsupportedOperationException("a file in memory does not tell where something was written");
        }
        bytes().set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    }

    @Override
    public MemorySegment bytes() {
        return mapped.bytes();
    }

    @Override
    public void close() {
        if (wipe()) {
            keep(this);
        } else {
            giveBack();
        }
    }

    /** @return false: so much was written that it is better given back */
    private boolean wipe() {
        long left = MOST_BYTES;
        long from = file.data(0);
        while (from != MemoryFile.NONE && left >= 0) {
            long to = file.hole(from);
            left -= to - from;
            if (left >= 0) {
                bytes().asSlice(from, to - from).fill((byte) 0);
            }
            from = file.data(to);
        }
        return left >= 0;
    }

    private static void keep(SpareRam spare) {
        SpareRam oldest;
        synchronized (SPARES) {
            SPARES.addLast(spare);
            oldest = SPARES.size() > MOST_SPARES ? SPARES.removeFirst() : null;
        }
        if (oldest != null) {
            oldest.giveBack();
        }
    }

    private void giveBack() {
        mapped.close();
        file.close();
    }
}
