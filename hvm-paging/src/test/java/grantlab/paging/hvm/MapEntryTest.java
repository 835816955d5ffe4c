package grantlab.paging.hvm;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each question of each kind of entry; absent ones answer every question with no. */
class MapEntryTest {
    private static final int ABSENT = -1;
    private static final long MFN = 0x1234;

    /** The first frame of the block that it is in. */
    private static final long BLOCK = 0x1200;

    @ParameterizedTest
    @CsvSource({
        // type, present, writable, ram, grant, foreign, table frame, special, v3
        ABSENT + ", 0, 0, 0, 0, 0, 0, 0, 0",
        PhysicalMap.NONE + ", 0, 0, 0, 0, 0, 0, 0, 0",
        PhysicalMap.RAM_RW + ", 1, 1, 1, 0, 0, 0, 0, 0",
        PhysicalMap.RAM_RO + ", 1, 0, 1, 0, 0, 0, 0, 0",
        PhysicalMap.GRANT_RW + ", 1, 1, 0, 1, 0, 0, 1, 0",
        PhysicalMap.GRANT_RO + ", 1, 0, 0, 1, 0, 0, 1, 0",
        PhysicalMap.FOREIGN + ", 1, 1, 0, 0, 1, 0, 1, 0",
        PhysicalMap.V3_GRANT_RW + ", 1, 1, 0, 1, 0, 0, 1, 1",
        PhysicalMap.V3_GRANT_RO + ", 1, 0, 0, 1, 0, 0, 1, 1",
        PhysicalMap.TABLE_FRAME + ", 1, 1, 1, 0, 0, 1, 0, 0",
    })
    void everyQuestion(
            int type, int present, int writable, int ram, int grant, int foreign, int tableFrame, int special, int v3) {
        long entry = type == ABSENT ? PhysicalMap.INVALID : PhysicalMap.entry(MFN, Page.ORDER_4K, type);
        assertThat(MapEntry.isPresent(entry)).isEqualTo(present == 1);
        assertThat(MapEntry.isWritable(entry)).isEqualTo(writable == 1);
        assertThat(MapEntry.isRam(entry)).isEqualTo(ram == 1);
        assertThat(MapEntry.isGrant(entry)).isEqualTo(grant == 1);
        assertThat(MapEntry.isGrantOf(entry, MFN)).isEqualTo(grant == 1);
        assertThat(MapEntry.isGrantOf(entry, MFN + 1)).isFalse();
        assertThat(MapEntry.isGrantOf(entry, BLOCK, Page.ORDER_2M)).isEqualTo(grant == 1);
        assertThat(MapEntry.isGrantOf(entry, BLOCK + (1 << Page.ORDER_2M), Page.ORDER_2M))
                .isFalse();
        assertThat(MapEntry.isForeign(entry)).isEqualTo(foreign == 1);
        assertThat(MapEntry.isTableFrame(entry)).isEqualTo(tableFrame == 1);
        assertThat(MapEntry.isSpecial(entry)).isEqualTo(special == 1);
        assertThat(MapEntry.isV3Grant(entry)).isEqualTo(v3 == 1);
    }
}
