package grantlab.grant.v2;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.Page;
import java.util.List;

/** {@code ent2}, a full page or a part of one, and {@code ent2t}, a grant of a grant: the same bytes under other names. */
final class CodecV2 implements EntryCodec {
    static final CodecV2 PAGE = new CodecV2(
            "ent2",
            List.of(
                    new Field("flags", EntryV2.FLAGS, 2, true),
                    new Field("domid", EntryV2.DOMID, 2, false),
                    new Field("off", EntryV2.PAGE_OFF, 2, false),
                    new Field("len", EntryV2.LENGTH, 2, false),
                    new Field("frame", EntryV2.FRAME, 8, false)));

    static final CodecV2 TRANSITIVE = new CodecV2(
            "ent2t",
            List.of(
                    new Field("flags", EntryV2.FLAGS, 2, true),
                    new Field("domid", EntryV2.DOMID, 2, false),
                    new Field("tdom", EntryV2.TRANS_DOMID, 2, false),
                    new Field("pad", EntryV2.TRANS_PAD, 2, false),
                    new Field("gref", EntryV2.GREF, 4, false),
                    new Field("rest", EntryV2.TRANS_REST, 4, false)));

    private final String verb;
    private final List<Field> fields;

    private CodecV2(String verb, List<Field> fields) {
        this.verb = verb;
        this.fields = fields;
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
        return EntryV2.SIZE;
    }

    @Override
    public long address(TableFrames frames, long index) {
        long frame = Long.divideUnsigned(index, EntryV2.ENTRIES_PER_FRAME);
        return Long.compareUnsigned(frame, frames.sharedCount()) < 0 ? entryAddress(frames, index) : -1;
    }

    /** In the status word. */
    @Override
    public long marksAddress(TableFrames frames, long index) {
        return address(frames, index) < 0 ? -1 : StatusWords.address(frames, index);
    }

    /** Where an entry of the table is. */
    static long entryAddress(TableFrames frames, long index) {
        long at = index * EntryV2.SIZE;
        return Page.address(frames.sharedFrame((int) Page.frame(at))) | Page.offset(at);
    }
}
