package grantlab.grant.tree.format;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.MachineMemory;
import grantlab.grant.tree.LeafWord;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@code leaf} and {@code node}: the bits of an entry by the names of the specification. Each field lies in the same 64-bit word;
 * a write takes the word, changes the field's bits and puts the word back, so that it is for guests at rest.
 */
final class CodecTree implements EntryCodec {
    static final CodecTree LEAF = new CodecTree("leaf", Bits.values());
    static final CodecTree NODE = new CodecTree("node", Bits.FRAME, Bits.SW, Bits.DEV, Bits.W, Bits.TYPE);

    /** In the order in which they are printed. */
    private enum Bits {
        FRAME(LeafWord.FRAME),
        GEN(LeafWord.GEN),
        SW(LeafWord.SW),
        W_SEEN(LeafWord.W_SEEN),
        MAPPED_W(LeafWord.MAPPED_W),
        MAPPED_R(LeafWord.MAPPED_R),
        ATTACHED(LeafWord.ATTACHED),
        RESERVED(LeafWord.RESERVED),
        EXTENSION(LeafWord.EXTENSION),
        NOTIFY(LeafWord.NOTIFY),
        COPY_ONLY(LeafWord.COPY_ONLY),
        DEV(LeafWord.DEV),
        W(LeafWord.W),
        TYPE(LeafWord.TYPE);

        private final long mask;

        Bits(long mask) {
            this.mask = mask;
        }

        /** As scripts and reports spell it; TYPE publishes the entry. */
        Field field() {
            return new Field(name().toLowerCase(Locale.ROOT), 0, LeafWord.BYTES, this == TYPE);
        }

        long of(long word) {
            return (word & mask) >>> Long.numberOfTrailingZeros(mask);
        }

        long in(long word, long value) {
            return (word & ~mask) | ((value << Long.numberOfTrailingZeros(mask)) & mask);
        }
    }

    private final String verb;
    private final List<Bits> bits;
    private final List<Field> fields;

    private CodecTree(String verb, Bits... bits) {
        this.verb = verb;
        this.bits = List.of(bits);
        this.fields = Arrays.stream(bits).map(Bits::field).toList();
    }

    @Override
    public String verb() {
        return verb;
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public int bytes() {
        return LeafWord.BYTES;
    }

    /** A tree is in no frame of the hypervisor. */
    @Override
    public long address(TableFrames frames, long index) {
        return -1;
    }

    @Override
    public long get(MachineMemory memory, long address, Field field) {
        return bits(field).of(memory.load64Acquire(address));
    }

    @Override
    public void set(MachineMemory memory, long address, Field field, long value) {
        memory.store64Release(address, bits(field).in(memory.load64Acquire(address), value));
    }

    private Bits bits(Field field) {
        int at = fields.indexOf(field);
        if (at < 0) {
            throw new IllegalArgumentException("an entry of " + verb + " has no field " + field.name());
        }
        return bits.get(at);
    }
}
