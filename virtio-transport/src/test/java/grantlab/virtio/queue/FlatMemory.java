package grantlab.virtio.queue;

import grantlab.api.guest.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that driver and device both reach, each through a {@link View} of its own: bus addresses are guest addresses. What is
 * beyond its end is not reached.
 */
public final class FlatMemory {
    private static final VarHandle SHORTS =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int NOT_REACHED = -9;

    private final ByteBuffer bytes;

    public FlatMemory(int size) {
        bytes = ByteBuffer.allocateDirect(size + 16).alignedSlice(16);
    }

    int size() {
        return bytes.capacity();
    }

    byte[] copy() {
        byte[] copy = new byte[bytes.capacity()];
        bytes.get(0, copy);
        return copy;
    }

    /** One side of it; a test may watch. */
    public class View implements GuestMemory {
        private long value;

        public View() {}

        boolean reaches(long address, int width) {
            return address >= 0 && address <= bytes.capacity() - width;
        }

        @Override
        public int load(long address, int width) {
            if (!reaches(address, width)) {
                return NOT_REACHED;
            }
            int at = (int) address;
            boolean aligned = (at & width - 1) == 0;
            value = switch (width) {
                case 2 -> (aligned ? (short) SHORTS.getAcquire(bytes, at) : bytes.getShort(at)) & 0xffffL;
                case 4 -> (aligned ? (int) INTS.getAcquire(bytes, at) : bytes.getInt(at)) & 0xffff_ffffL;
                case 8 -> aligned ? (long) LONGS.getAcquire(bytes, at) : bytes.getLong(at);
                default -> bytes.get(at) & 0xffL;
            };
            return 0;
        }

        @Override
        public long value() {
            return value;
        }

        @Override
        public int store(long address, int width, long stored) {
            if (!reaches(address, width)) {
                return NOT_REACHED;
            }
            int at = (int) address;
            switch (width) {
                case 2 -> SHORTS.setRelease(bytes, at, (short) stored);
                case 4 -> INTS.setRelease(bytes, at, (int) stored);
                case 8 -> LONGS.setRelease(bytes, at, stored);
                default -> bytes.put(at, (byte) stored);
            }
            return 0;
        }

        @Override
        public int loadBytes(long address, MemorySegment into, long at, int length) {
            for (int n = 0; n < length; n++) {
                if (load(address + n, 1) != 0) {
                    return NOT_REACHED;
                }
                into.set(ValueLayout.JAVA_BYTE, at + n, (byte) value);
            }
            return 0;
        }

        @Override
        public int storeBytes(long address, MemorySegment from, long at, int length) {
            for (int n = 0; n < length; n++) {
                if (store(address + n, 1, from.get(ValueLayout.JAVA_BYTE, at + n)) != 0) {
                    return NOT_REACHED;
                }
            }
            return 0;
        }
    }
}
