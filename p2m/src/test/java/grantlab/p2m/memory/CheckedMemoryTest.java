package grantlab.p2m.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.Page;
import grantlab.p2m.Machines;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CheckedMemoryTest {
    private final MachineRam ram = Machines.create("checked", Machines.SPARSE);
    private final MachineMemory memory = ram.memory();
    private final FrameTable frames = ram.frames();

    @AfterEach
    void close() {
        ram.close();
    }

    @Test
    void aFrameThatNobodyHoldsMayNotBeTouched() {
        frames.admit(1, false);
        long mfn = frames.allocate(1, 0);
        long address = Page.address(mfn);
        memory.store64(address, 1);
        frames.get(mfn, 0, 1);
        frames.releaseAllocation(mfn);
        assertThat(memory.load64(address)).isEqualTo(1);
        frames.put(mfn, 0);

        assertThatThrownBy(() -> memory.load64(address))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("load64")
                .hasMessageContaining("mfn 0x" + Long.toHexString(mfn))
                .hasMessageContaining("no reference");
        assertThatThrownBy(() -> memory.fill(address, 8, (byte) 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> memory.copyIn(address, MemorySegment.ofArray(new byte[1])))
                .isInstanceOf(IllegalStateException.class);
    }

    /** The table of a dying domain has lost its references, and its marks still go as its pages are unmapped. */
    @Test
    void aFrameOfTheHypervisorLivesUntilItIsFreed() {
        frames.admit(1, false);
        long mfn = frames.allocateShared(1);
        frames.releaseAllocation(mfn);
        assertThat(frames.references(mfn)).isZero();
        memory.store32(Page.address(mfn), 7);
        assertThat(memory.load32(Page.address(mfn))).isEqualTo(7);

        frames.freeShared(mfn);
        assertThatThrownBy(() -> memory.load32(Page.address(mfn))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theFirmwaresFramesAreNobodys() {
        assertThatThrownBy(() -> memory.store32(0x1000, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void referencesOfBlocksCountToo() {
        frames.admit(1, false);
        long block = frames.allocate(1, 9);
        frames.get(block, 9, 1);
        frames.releaseAllocation(block + 3);

        assertThatCode(() -> memory.load8(Page.address(block + 3))).doesNotThrowAnyException();

        frames.put(block, 9);
        assertThatThrownBy(() -> memory.load8(Page.address(block + 3))).isInstanceOf(IllegalStateException.class);
        assertThatCode(() -> memory.load8(Page.address(block + 4))).doesNotThrowAnyException();
    }
}
