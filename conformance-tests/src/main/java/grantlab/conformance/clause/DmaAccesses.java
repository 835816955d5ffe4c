package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DmaClauses.WRITE_ONLY;
import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.refused;
import static grantlab.conformance.clause.OwnSpace.READ_WRITE;
import static grantlab.conformance.clause.OwnSpace.fault;

import grantlab.api.Access;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** What a device does. */
@Needs(iommu = CONFINED)
final class DmaAccesses {
    private static final String SOURCE = "Device";
    private static final long LETTERS = 0x8192_a3b4_c5d6_e7f8L;

    @Clause(
            id = "DMA-71",
            promise =
                    "An atomic of 4 or 8 bytes exchanges what is as expected, and tells what was there; it needs both rights.",
            source = "Device, compareAndExchange")
    void atomics(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            Device device = own.space.attach();
            MachineMemory memory = own.ram.memory();
            long mfn = own.shown(own.ram.frame(OTHER), READ_WRITE);
            long readable = own.shown(own.ram.frame(OTHER), Access.READ);
            long at = Page.address(mfn) + 8;
            long address = own.address(mfn) + 8;
            memory.store64(at, LETTERS);
            fault("8 bytes, as expected", 0, device.compareAndExchange(address, 8, LETTERS, -LETTERS));
            Expect.equal("what was there", LETTERS, device.witness());
            Expect.equal("what is there", -LETTERS, memory.load64(at));
            for (long wrong : new long[] {-LETTERS ^ 1, -LETTERS ^ 1L << 63}) {
                fault("8 bytes, not as expected", 0, device.compareAndExchange(address, 8, wrong, 5));
                Expect.equal("what was there", -LETTERS, device.witness());
                Expect.equal("what is there", -LETTERS, memory.load64(at));
            }
            memory.store64(at, LETTERS);
            fault("4 bytes, as expected", 0, device.compareAndExchange(address + 4, 4, LETTERS >>> 32, 7));
            Expect.equal("what was there, zero extended", LETTERS >>> 32, device.witness());
            Expect.equal("what is there", (7L << 32) | (LETTERS & 0xffff_ffffL), memory.load64(at));
            fault("4 bytes, not as expected", 0, device.compareAndExchange(address, 4, 0, 9));
            Expect.equal("what was there, zero extended", LETTERS & 0xffff_ffffL, device.witness());
            Expect.equal("what is there", (7L << 32) | (LETTERS & 0xffff_ffffL), memory.load64(at));
            Expect.equal("before it", mfn, memory.load64(at - 8));
            fault(
                    "read only",
                    DeviceFault.NOT_WRITABLE,
                    device.compareAndExchange(own.address(readable), 8, readable, 1));
            Expect.equal("what is there", readable, memory.load64(Page.address(readable)));
            fault("nowhere", DeviceFault.NOT_MAPPED, device.compareAndExchange(1L << 35, 8, 0, 1));
            for (int bytes : new int[] {0, 1, 2, 3, 5, 16}) {
                mistake(bytes + " bytes", () -> device.compareAndExchange(address, bytes, 0, 1));
            }
            mistake("4 bytes at 2", () -> device.compareAndExchange(address + 2, 4, 0, 1));
            mistake("8 bytes at 4", () -> device.compareAndExchange(address + 4, 8, 0, 1));
            fault("the first half of an access", 0, device.begin(address, Access.READ));
            refused("meanwhile", IllegalStateException.class, () -> device.compareAndExchange(address, 8, 0, 1));
            fault("the second half", 0, device.finish(OwnSpace.word(0)));
            fault("the last bytes of a page", 0, device.compareAndExchange(address - 8 + Page.SIZE - 8, 8, 0, 1));
            Expect.equal("the last bytes", 1, memory.load64(Page.address(mfn) + Page.SIZE - 8));
        }
    }

    private static void mistake(String what, Runnable call) {
        refused(what, IllegalArgumentException.class, call);
    }

    @Needs(iommu = WRITE_ONLY)
    @Clause(
            id = "DMA-72",
            promise = "What may be written alone is not read, not by an atomic either, nor by a read of no bytes.",
            source = "grant-v3.md, REVOKE-hw-1")
    void writeOnly(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            Device device = own.space.attach();
            long mfn = own.shown(own.ram.frame(OTHER), Access.WRITE);
            fault("a write", 0, OwnSpace.write(device, own.address(mfn), 5));
            Expect.equal("the bytes", 5, own.ram.memory().load64(Page.address(mfn)));
            fault("a read", DeviceFault.NOT_READABLE, OwnSpace.read(device, own.address(mfn)));
            fault("an atomic", DeviceFault.NOT_READABLE, device.compareAndExchange(own.address(mfn), 8, 5, 6));
            MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
            fault("a read of no bytes", DeviceFault.NOT_READABLE, device.read(own.address(mfn), nothing));
            fault("a write of no bytes", 0, device.write(own.address(mfn), nothing));
            Expect.equal("the bytes", 5, own.ram.memory().load64(Page.address(mfn)));
        }
    }

    @Clause(
            id = "DMA-73",
            promise =
                    "An access goes page after page, each to where that page is mapped; it stops at the page that is refused, and what was"
                            + " moved before stays moved.",
            source = SOURCE)
    void pages(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            Device device = own.space.attach();
            MachineMemory memory = own.ram.memory();
            long block = own.ram.block(OTHER, Page.ORDER_2M);
            for (long mfn = block; mfn < block + 3; mfn++) {
                memory.fill(Page.address(mfn), Page.SIZE, (byte) (mfn - block + 1));
                own.show(mfn, Page.ORDER_4K, mfn == block + 2 ? Access.READ : READ_WRITE);
            }
            byte[] bytes = new byte[2 * Page.SIZE];
            MemorySegment segment = MemorySegment.ofArray(bytes);
            fault("a read over three pages", 0, device.read(own.address(block) + 4000, segment));
            for (int n : new int[] {0, 95, 96, 4191, 4192, 8191}) {
                Expect.equal("byte " + n, n < 96 ? 1 : n < 4192 ? 2 : 3, bytes[n]);
            }
            Arrays.fill(bytes, (byte) 9);
            fault(
                    "a write over three pages",
                    DeviceFault.NOT_WRITABLE,
                    device.write(own.address(block) + 4000, segment));
            Expect.equal("before it", 1, memory.load8(Page.address(block) + 3999));
            Expect.equal("its first byte", 9, memory.load8(Page.address(block) + 4000));
            Expect.equal("in the second page", 9, memory.load8(Page.address(block + 2) - 1));
            Expect.equal("in the third", 3, memory.load8(Page.address(block + 2)));
            fault("a read beyond", DeviceFault.NOT_MAPPED, device.read(own.address(block + 2) + 8, segment));
            Expect.equal("what was moved before", 3, bytes[Page.SIZE - 9]);
            Expect.equal("what was not", 9, bytes[Page.SIZE - 8]);
            Expect.equal(
                    "where it stopped",
                    own.address(block + 3),
                    own.space.faults().getLast().address());
            MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
            fault("a read of no bytes", 0, device.read(own.address(block), nothing));
            fault("a write of no bytes", DeviceFault.NOT_WRITABLE, device.write(own.address(block + 2), nothing));
            fault(
                    "a read of no bytes from nowhere",
                    DeviceFault.NOT_MAPPED,
                    device.read(own.address(block + 3), nothing));
            fault("a whole page", 0, device.read(own.address(block + 2), segment.asSlice(0, Page.SIZE)));
        }
    }

    @Clause(
            id = "DMA-74",
            promise =
                    "An access in two halves is translated in the first and moves its bytes in the second; there is one at a time, and it"
                            + " ends in its page.",
            source = "Device, begin, finish")
    void halves(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            Device device = own.space.attach();
            MachineMemory memory = own.ram.memory();
            long mfn = own.shown(own.ram.frame(OTHER), READ_WRITE);
            long address = own.address(mfn);
            refused("an end without beginning", IllegalStateException.class, () -> device.finish(OwnSpace.word(0)));
            for (int access : new int[] {0, READ_WRITE, 4}) {
                mistake("access " + access, () -> device.begin(address, access));
            }
            fault("the first half of a read", 0, device.begin(address, Access.READ));
            refused("a second first half", IllegalStateException.class, () -> device.begin(address, Access.READ));
            memory.store64(Page.address(mfn), 77);
            own.hide(mfn, Page.ORDER_4K, READ_WRITE);
            MemorySegment word = OwnSpace.word(0);
            fault("its second half", 0, device.finish(word));
            Expect.equal("the bytes that are there then", 77, OwnSpace.value(word));
            refused("a second end", IllegalStateException.class, () -> device.finish(word));
            own.forget(mfn, Page.ORDER_4K);
            fault("a refused first half", DeviceFault.NOT_MAPPED, device.begin(address, Access.WRITE));
            refused("its end", IllegalStateException.class, () -> device.finish(word));
            own.show(mfn, Page.ORDER_4K, READ_WRITE);
            fault("the first half of a write", 0, device.begin(address + Page.SIZE - 8, Access.WRITE));
            mistake("more than the page has", () -> device.finish(MemorySegment.ofArray(new byte[9])));
            fault("as much as it has", 0, device.finish(OwnSpace.word(LETTERS)));
            Expect.equal("the bytes", LETTERS, memory.load64(Page.address(mfn) + Page.SIZE - 8));
            Expect.equal("before them", 0, memory.load64(Page.address(mfn) + Page.SIZE - 16));
            fault("the first half of a write", 0, device.begin(address, Access.WRITE));
            fault("less than a word", 0, device.finish(OwnSpace.word(5).asSlice(0, 1)));
            Expect.equal("the bytes", 5, memory.load64(Page.address(mfn)));
        }
    }
}
