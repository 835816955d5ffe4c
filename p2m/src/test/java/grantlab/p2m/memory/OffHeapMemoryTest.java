package grantlab.p2m.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.Machines;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left of a machine that was closed: its addresses lead nowhere, least of all into memory of somebody else. */
class OffHeapMemoryTest {
    @Test
    void afterTheMachineIsClosedNoAddressIsRam() {
        MachineRam ram = Machines.create("off-heap", Machines.SPARSE);
        ram.frames().admit(1, false);
        MachineMemory memory = ram.memory();
        long address = ram.frames().allocate(1, 0) << 12;
        memory.store64(address, 1);
        ram.close();

        assertThatThrownBy(() -> memory.load64(address)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.store8(address, (byte) 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.load64s(address, new long[2], 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.compareAndExchange32(address, 0, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void closedTwiceIsClosedOnce() {
        RamLayout layout = new RamLayout(List.of(new RamLayout.Extent(0, 77)));
        OffHeapMemory first = new OffHeapMemory(layout);
        first.close();
        first.close();
        try (OffHeapMemory second = new OffHeapMemory(layout);
                OffHeapMemory third = new OffHeapMemory(layout)) {
            second.store64(0x1000, 1);
            assertThat(third.load64(0x1000)).isZero();
        }
    }
}
