package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.hypervisor.quota.PagePool;
import org.junit.jupiter.api.Test;

/** Records that are mapsets by themselves (grant-v3.md, section 6, and UNMAP-3 to UNMAP-5). */
class RecordsTest {
    private static final int ACCESS = Access.READ | Access.WRITE | Access.HOST;

    private final Records records = new Records(new PagePool(), 1);

    private int made(int order) {
        int record = records.stock(0).take();
        records.fill(record, true, ACCESS, 0, order, 0x100, 0x200, 1, 7, false);
        return record;
    }

    /** Of an act that has no other mapping. @return its words */
    private long[] takenOf(int record) {
        long[] act = new long[Long.BYTES];
        act[1] = record;
        LeafActs.setFirstTaken(act, 0, Records.NONE);
        records.taken(record, act, 0);
        return act;
    }

    private void ended(int record) {
        records.end(record);
        records.stock(0).give(record);
    }

    @Test
    void handleIsGoodOnce() {
        int record = made(0);
        long handle = records.publish(record);
        assertThat(handle).isNotZero();
        assertThat(Records.isAlone(handle)).isTrue();
        assertThat(records.claimAlone(handle, 1)).isEqualTo(record);
        assertThat(records.claimAlone(handle, 1)).isEqualTo(Records.STALE);
        ended(record);
        assertThat(records.claimAlone(handle, 1)).isEqualTo(Records.STALE);
        long next = records.publish(made(0));
        assertThat(next).isNotEqualTo(handle);
        assertThat(records.claimAlone(handle, 1)).isEqualTo(Records.STALE);
        assertThat(records.claimAlone(next, 1)).isEqualTo(record);
    }

    @Test
    void handleThatWasNotGivenIsNone() {
        int record = made(0);
        long handle = records.publish(record);
        assertThat(records.claimAlone(handle + (1L << 32), 1)).isEqualTo(Records.NONE);
        assertThat(records.claimAlone(handle + 1, 1)).isEqualTo(Records.NONE);
        assertThat(records.claimAlone(handle | 0x7fff_ffffL, 1)).isEqualTo(Records.NONE);
        assertThat(records.claimAlone(handle & 0xffff_ffffL, 1)).isEqualTo(Records.NONE);
        assertThat(records.claimAlone(handle, 1)).isEqualTo(record);
    }

    /** Whoever looks at all records finds those that somebody was told of: what it sees of them is theirs while the handle is good. */
    @Test
    void handleIsSeenAsLongAsItIsGood() {
        int record = made(0);
        assertThat(records.handle(record)).as("not published").isZero();
        long handle = records.publish(record);
        assertThat(records.handle(record)).isEqualTo(handle);
        records.claim(record);
        assertThat(records.handle(record)).isEqualTo(handle);
        takenOf(record);
        assertThat(records.handle(record)).isEqualTo(handle);
        records.claimAlone(handle, 1);
        ended(record);
        assertThat(records.handle(record)).isZero();
        long before = handle;
        made(0);
        assertThat(records.handle(record)).isZero();
        assertThat(records.claimAlone(before + (1L << 32), 1))
                .as("not published")
                .isEqualTo(Records.NONE);
    }

    /** Of a mapset the records have no handles of their own. */
    @Test
    void oneOfASetIsNotFound() {
        int record = records.stock(0).take();
        records.fill(record, false, ACCESS, 0, 0, 0x100, 0x200, 1, 7, false);
        assertThat(records.handle(record)).isZero();
        assertThat(records.set(record)).isEqualTo(Records.NONE);
        assertThat(records.claim(record)).isTrue();
    }

    @Test
    void aPartOfALargeMappingIsCut() {
        int record = made(9);
        long handle = records.publish(record);
        for (long pages : new long[] {0, 1, 511, 513}) {
            assertThat(records.claimAlone(handle, pages)).isEqualTo(Records.CUT);
        }
        assertThat(records.claimAlone(handle, 512)).isEqualTo(record);
    }

    /** UNMAP-7 and UNMAP-10: taking back leaves the handle good, for the acknowledgement. */
    @Test
    void takenRecordIsAcknowledgedByItsHandle() {
        int record = made(0);
        long handle = records.publish(record);
        assertThat(records.claim(record)).isTrue();
        assertThat(records.claimAlone(handle, 1)).isEqualTo(Records.CLAIMED_ALREADY);
        long[] act = takenOf(record);
        assertThat(records.empty(record)).isTrue();
        assertThat(LeafActs.firstTaken(act, 0)).isEqualTo(record);
        assertThat(records.claimAlone(handle, 1)).isEqualTo(record);
        assertThat(records.empty(record)).isTrue();
        assertThat(records.claimAlone(handle, 1)).isEqualTo(Records.STALE);
        ended(record);
        assertThat(records.exists(record)).isFalse();
    }

    /** DOWN-5: whoever only reads has nothing to agree to. */
    @Test
    void onlyWritersInsist() {
        int reader = records.stock(0).take();
        records.fill(reader, false, Access.READ | Access.HOST, 0, 0, 0x100, 0x200, 1, 7, false);
        int writer = records.stock(0).take();
        records.fill(writer, false, ACCESS, 0, 0, 0x100, 0x200, 1, 7, false);
        int agreed = records.stock(0).take();
        records.fill(agreed, false, ACCESS, RecordWord.DOWNGRADE, 0, 0x100, 0x200, 1, 7, false);
        assertThat(records.insistsOnWriting(reader)).isFalse();
        assertThat(records.insistsOnWriting(writer)).isTrue();
        assertThat(records.insistsOnWriting(agreed)).isFalse();
    }

    @Test
    void whatReadsOnlyIsOtherwiseTheSame() {
        int record = made(9);
        long handle = records.publish(record);
        assertThat(records.claim(record)).isTrue();
        records.readsOnly(record);
        assertThat(records.claim(record)).as("still claimed").isFalse();
        records.unclaim(record);
        assertThat(records.access(record)).isEqualTo(ACCESS & ~Access.WRITE);
        assertThat(records.order(record)).isEqualTo(9);
        assertThat(records.claimAlone(handle, 512)).isEqualTo(record);
    }
}
