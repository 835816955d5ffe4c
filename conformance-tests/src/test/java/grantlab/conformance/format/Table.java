package grantlab.conformance.format;

import grantlab.api.Behaviour;
import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.RamLayout;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The frames of one flat table of one format in one kind of memory, and the granter's hand in it. */
final class Table implements AutoCloseable {
    static final int GRANTER = 1;
    static final int GRANTEE = 2;
    static final int FRAMES = 2;
    static final int IN_USE = Gtf.READING | Gtf.WRITING;

    private final MachineRam ram;
    final MachineMemory memory;
    final Interrupted interrupted;
    final FlatFormat format;
    final TableFrames frames;
    final EntryCodec codec;

    private Table(GrantFormatProvider formats, MemoryProvider memories) {
        ram = memories.create(new RamLayout(List.of(new RamLayout.Extent(0, 4096))), Behaviour.XEN_4_17);
        memory = ram.memory();
        interrupted = new Interrupted(memory);
        format = (FlatFormat)
                formats.create(new Ground(interrupted.memory(), ram.frames(), Behaviour.XEN_4_17, () -> 0));
        codec = format.codecs().getFirst();
        ram.frames().admit(GRANTER, true);
        frames = new Frames(allocated(ram.frames(), FRAMES), allocated(ram.frames(), format.statusFrames(FRAMES)));
    }

    private static long[] allocated(FrameTable frames, int count) {
        return Stream.generate(() -> frames.allocateShared(GRANTER))
                .limit(count)
                .mapToLong(mfn -> mfn)
                .toArray();
    }

    /** What a test is run with: {@link #open} makes a fresh table. */
    record Kind(GrantFormatProvider formats, MemoryProvider memories) {
        Table open() {
            return new Table(formats, memories);
        }

        @Override
        public String toString() {
            return formats.name() + " " + memories.name();
        }
    }

    /** Every installed flat format in every installed kind of memory. */
    static Stream<Kind> kinds() {
        return services(GrantFormatProvider.class)
                .filter(formats -> formats.capabilities().contains(Capability.FLAT_HOME))
                .flatMap(formats -> services(MemoryProvider.class).map(memories -> new Kind(formats, memories)));
    }

    private static <S> Stream<S> services(Class<S> service) {
        return StreamSupport.stream(ServiceLoader.load(service).spliterator(), false);
    }

    private static final class Frames implements TableFrames {
        private final long[] shared;
        private final long[] status;

        Frames(long[] shared, long[] status) {
            this.shared = shared;
            this.status = status;
        }

        @Override
        public int sharedCount() {
            return shared.length;
        }

        @Override
        public long sharedFrame(int n) {
            return shared[n];
        }

        @Override
        public int statusCount() {
            return status.length;
        }

        @Override
        public long statusFrame(int n) {
            return status[n];
        }
    }

    void write(long index, int flags, long frame) {
        set(index, "frame", frame);
        set(index, "domid", GRANTEE);
        set(index, "flags", flags);
    }

    void set(long index, String field, long value) {
        codec.set(memory, codec.address(frames, index), field(field), value);
    }

    long get(long index, String field) {
        return codec.get(memory, codec.address(frames, index), field(field));
    }

    private EntryCodec.Field field(String name) {
        return codec.fields().stream()
                .filter(field -> field.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Type and flags without the marks, wherever those are. */
    long flags(long index) {
        return get(index, "flags") & ~IN_USE;
    }

    int marks(long index) {
        return memory.load16(codec.marksAddress(frames, index)) & IN_USE;
    }

    @Override
    public void close() {
        ram.close();
    }
}
