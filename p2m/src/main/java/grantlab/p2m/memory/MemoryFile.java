package grantlab.p2m.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * A file of Linux that has no name and lies in memory (memfd_create(2)). Another process maps it when it is handed the descriptor, which
 * java.nio does not tell.
 */
public final class MemoryFile implements AutoCloseable {
    /** MFD_CLOEXEC: a program that is started does not inherit it. */
    private static final int CLOSED_ON_EXEC = 1;

    /** {@link #data}: nothing was written from there on. */
    static final long NONE = -1;

    private final int descriptor;

    private MemoryFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Makes an empty one.
     *
     * @param name what the operating system shows
     * @throws UnsupportedOperationException when the operating system has no such files, or no more of them
     */
    public static MemoryFile create(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Calls.CAPTURED);
            int descriptor = (int) Calls.MEMFD_CREATE.invokeExact(captured, arena.allocateFrom(name), CLOSED_ON_EXEC);
            if (descriptor < 0) {
                throw new UnsupportedOperationException(
                        "memfd_create: error " + (int) Calls.ERRNO.get(captured, 0L) + " of the operating system");
            }
            return new MemoryFile(descriptor);
        } catch (ExceptionInInitializerError e) {
            throw new UnsupportedOperationException("memory = memfd needs Linux: " + e.getCause(), e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("no function of C throws", e);
        }
    }

    /**
     * What another process is handed.
     *
     * @return good until it is closed
     */
    public int descriptor() {
        return descriptor;
    }

    /**
     * By what this process opens it once more.
     *
     * @return good until it is closed
     */
    public Path path() {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /**
     * Where something was written: a page that anybody wrote to, or read from by a mapping, and its neighbours that follow without a gap.
     *
     * @param from a place in the file
     * @return the first such byte from there on, or {@link #NONE}
     */
    long data(long from) {
        return seek(from, Calls.SEEK_DATA);
    }

    /**
     * Where nothing was written.
     *
     * @param from a place in the file, with something written
     * @return the first such byte from there on, which may be the end
     */
    long hole(long from) {
        return seek(from, Calls.SEEK_HOLE);
    }

    private long seek(long from, int what) {
        try {
            return (long) Calls.LSEEK.invokeExact(descriptor, from, what);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("no function of C throws", e);
        }
    }

    /** What is mapped of it stays. */
    @Override
    public void close() {
        try {
            int ignored = (int) Calls.CLOSE.invokeExact(descriptor);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("no function of C throws", e);
        }
    }

    /** Looked up when the first file is made: elsewhere there is no memfd_create. */
    @SuppressWarnings("restricted") // the types are those of the manual pages
    private static final class Calls {
        static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
        static final VarHandle ERRNO = CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        private static final Linker LINKER = Linker.nativeLinker();

        static final MethodHandle MEMFD_CREATE = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("memfd_create"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                Linker.Option.captureCallState("errno"));

        /** lseek(2), SEEK_DATA. */
        static final int SEEK_DATA = 3;

        /** lseek(2), SEEK_HOLE. */
        static final int SEEK_HOLE = 4;

        static final MethodHandle LSEEK = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("lseek"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

        static final MethodHandle CLOSE = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("close"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }
}
