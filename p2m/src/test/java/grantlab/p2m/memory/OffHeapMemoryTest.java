package grantlab.p2m.memory;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.p2m.Machines;
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
}
