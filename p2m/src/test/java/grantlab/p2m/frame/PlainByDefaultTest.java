package grantlab.p2m.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@link FrameTable#getPlain} of a table that has none of its own. */
class PlainByDefaultTest {
    private static final long MFN = 5;
    private static final int OWNER = 1;

    private final FrameTable table = mock(FrameTable.class);

    @BeforeEach
    void ownGetPlain() {
        when(table.getPlain(anyLong(), anyInt(), anyInt())).thenCallRealMethod();
        when(table.get(MFN, Page.ORDER_4K, OWNER)).thenReturn(true);
        when(table.type(MFN)).thenReturn(FrameTable.TYPE_NONE);
    }

    private boolean got() {
        return table.getPlain(MFN, Page.ORDER_4K, OWNER);
    }

    @Test
    void plainMemoryIsHeld() {
        assertThat(got()).isTrue();
        verify(table, never()).put(MFN, Page.ORDER_4K);
    }

    @Test
    void whatTheHypervisorSharesIsNot() {
        when(table.isShared(MFN)).thenReturn(true);
        assertThat(got()).isFalse();
        verify(table, never()).get(MFN, Page.ORDER_4K, OWNER);
    }

    /** It looks once more when nobody can free the frame any more. */
    @Test
    void whatBecameSharedJustBeforeItWasHeldIsLetGoOf() {
        when(table.isShared(MFN)).thenReturn(false, true);
        assertThat(got()).isFalse();
        verify(table).put(MFN, Page.ORDER_4K);
    }
}
