package grantlab.conformance.clause;

import grantlab.api.iommu.Device;
import grantlab.api.memory.Page;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** A device of the grantee of a siege: it reads and writes wherever its domain might have something mapped. */
final class Master extends Siege.Besieger {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int SLOTS = 56;
    private static final int[] OFFSETS = {0, 8, 2048, 4088};

    private final Device device;
    private final long[] addresses;
    private final MemorySegment bytes = MemorySegment.ofArray(new byte[Long.BYTES]);

    Master(World world, Device device, long seed) {
        super(seed);
        this.device = device;
        Party grantee = world.grantee();
        this.addresses = new long[grantee.translated() ? SLOTS : Siege.PAGES];
        for (int n = 0; n < addresses.length; n++) {
            addresses[n] = grantee.translated()
                    ? grantee.slot(n)
                    : Page.address(world.granter().machineFrame(n));
        }
    }

    @Override
    boolean turn() {
        long address = addresses[random.nextInt(addresses.length)] + OFFSETS[random.nextInt(OFFSETS.length)];
        if (random.nextBoolean()) {
            if (device.read(address, bytes) == 0) {
                Words.expectNotSecret("a device", bytes.get(WORD, 0));
            }
        } else {
            bytes.set(WORD, 0, Words.THEIRS | address);
            device.write(address, bytes);
        }
        return true;
    }
}
