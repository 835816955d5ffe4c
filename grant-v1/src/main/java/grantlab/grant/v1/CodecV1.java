package grantlab.grant.v1;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.TableFrames;
import java.util.List;

/** {@code ent1}: flags, domid and frame. */
final class CodecV1 implements EntryCodec {
    static final CodecV1 INSTANCE = new CodecV1();

    private static final List<Field> FIELDS = List.of(
            new Field("flags", EntryV1.FLAGS, 2, true),
            new Field("domid", EntryV1.DOMID, 2, false),
            new Field("frame", EntryV1.FRAME, 4, false));

    private CodecV1() {}

    @Override
    public String verb() {
        return "ent1";
    }

    @Override
    public List<Field> fields() {
        return FIELDS;
    }

    @Override
    public int bytes() {
        return EntryV1.SIZE;
    }

    @Override
    public long address(TableFrames frames, long index) {
        long frame = Long.divideUnsigned(index, EntryV1.ENTRIES_PER_FRAME);
        return Long.compareUnsigned(frame, frames.sharedCount()) < 0 ? TableV1.entryAddress(frames, index) : -1;
    }

    /** Among the flags. */
    @Override
    public long marksAddress(TableFrames frames, long index) {
        long entry = address(frames, index);
        return entry < 0 ? -1 : entry + EntryV1.FLAGS;
    }
}
