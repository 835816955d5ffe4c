package grantlab.virtio.vhost.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The calls of the C library that are used, with the numbers that Linux gives on 64-bit machines. What fails is an IOException that has the
 * call and the operating system's text. A call that a signal interrupts is made again.
 */
@SuppressWarnings("restricted") // the types are those of the manual pages
final class SystemCall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final int EINTR = 4;
    private static final int LONGEST_TEXT = 256;

    private static final MethodHandle SOCKET = handle("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKETPAIR =
            handle("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle CONNECT = handle("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SENDMSG = handle("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RECVMSG = handle("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SHUTDOWN = handle("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle POLL = handle("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EVENTFD = handle("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle WRITE = handle("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle CLOSE = handle("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private SystemCall() {}

    private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, parameters),
                Linker.Option.captureCallState("errno"));
    }

    /** One way to make a call, with room for the number of its error. */
    private interface Attempt {
        long make(MemorySegment captured) throws Throwable;
    }

    private static long made(String name, Attempt attempt) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CAPTURED);
            long result = attempt.make(captured);
            while (result < 0 && (int) ERRNO.get(captured, 0L) == EINTR) {
                result = attempt.make(captured);
            }
            if (result < 0) {
                throw new IOException(name + ": " + text((int) ERRNO.get(captured, 0L)));
            }
            return result;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("no function of C throws", e);
        }
    }

    private static String text(int errno) throws Throwable {
        MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
        return text.reinterpret(LONGEST_TEXT).getString(0);
    }

    static int socket(int family, int type) throws IOException {
        return (int) made("socket", captured -> (int) SOCKET.invokeExact(captured, family, type, 0));
    }

    static void socketpair(int family, int type, MemorySegment two) throws IOException {
        made("socketpair", captured -> (int) SOCKETPAIR.invokeExact(captured, family, type, 0, two));
    }

    static void connect(int socket, MemorySegment address) throws IOException {
        int length = (int) address.byteSize();
        made("connect", captured -> (int) CONNECT.invokeExact(captured, socket, address, length));
    }

    static long sendmsg(int socket, MemorySegment message, int flags) throws IOException {
        return made("sendmsg", captured -> (long) SENDMSG.invokeExact(captured, socket, message, flags));
    }

    static long recvmsg(int socket, MemorySegment message, int flags) throws IOException {
        return made("recvmsg", captured -> (long) RECVMSG.invokeExact(captured, socket, message, flags));
    }

    static void shutdown(int socket, int how) throws IOException {
        made("shutdown", captured -> (int) SHUTDOWN.invokeExact(captured, socket, how));
    }

    /** Waits for a file. @return zero when the time was over */
    static int poll(MemorySegment one, int milliseconds) throws IOException {
        return (int) made("poll", captured -> (int) POLL.invokeExact(captured, one, 1L, milliseconds));
    }

    static int eventfd(int flags) throws IOException {
        return (int) made("eventfd", captured -> (int) EVENTFD.invokeExact(captured, 0, flags));
    }

    static long write(int file, MemorySegment from) throws IOException {
        long length = from.byteSize();
        return made("write", captured -> (long) WRITE.invokeExact(captured, file, from, length));
    }

    /** Not made again: whatever it answers, the number is free. */
    static void close(int file) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) CLOSE.invokeExact(arena.allocate(CAPTURED), file);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("no function of C throws", e);
        }
    }
}
