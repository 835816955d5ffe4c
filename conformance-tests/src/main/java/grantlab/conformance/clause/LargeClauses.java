package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;

/** Grants of 2 MiB: one entry, one unit of permission and lifetime, however it is mapped. */
@Needs(format = "large-leaves", granter = "translated")
public final class LargeClauses implements ClauseFamily {
    private static final String SOURCE = "grant-v3.md, 10";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long INDEX = World.FIRST_INDEX;

    /** For ServiceLoader. */
    public LargeClauses() {}

    @Override
    public String prefix() {
        return "LARGE";
    }

    @Override
    public String title() {
        return "Large pages";
    }

    private static long grantBlock(World world, int access) {
        world.step("the granter grants a block of 2 MiB with one entry");
        GuestKernel kernel = world.granter().kernel();
        long block = kernel.allocatePages(Page.ORDER_2M);
        world.table().grant(INDEX, World.GRANTEE, kernel.frameOf(block), Page.ORDER_2M, access);
        return block;
    }

    private static long pageOf(long address, int page) {
        return address + Page.address(page);
    }

    @Needs(grantee = "large-mappings")
    @Clause(
            id = "LARGE-01",
            promise = "A large grant maps as one mapping, through which every page of the block is reached.",
            source = SOURCE)
    void oneMapping(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long block = grantBlock(world, READ_WRITE);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);

        world.step("the grantee maps it with one call of order 9");
        MappedGrant mapping = new MappedGrant();
        long reference = world.table().reference(INDEX);
        Expect.equal(
                "status of map",
                0,
                grantee.kernel().map(World.GRANTER, reference, slot, Page.ORDER_2M, READ_WRITE, mapping));
        Expect.equal("order of the mapping", Page.ORDER_2M, mapping.order);

        world.step("what the grantee stores in first, middle and last page, the granter loads");
        for (int page : new int[] {0, 257, 511}) {
            grantee.store(pageOf(slot, page), 0xb10c_0000L + page);
            Expect.equal("page " + page, 0xb10c_0000L + page, granter.load(pageOf(block, page)));
        }

        world.step("while it is mapped the entry cannot be ended; after one unmap it can");
        Expect.holds("the entry is in use", !world.table().end(INDEX));
        Expect.equal("status of unmap", 0, grantee.kernel().unmap(mapping));
        Expect.equal("what the last page of the slot reads", -1L, grantee.load(pageOf(slot, 511)));
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Clause(
            id = "LARGE-02",
            promise =
                    "A page inside a large grant is mapped alone by its own index, by whoever knows nothing of large pages.",
            source = SOURCE)
    void pageInside(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long block = grantBlock(world, READ_WRITE);
        granter.store(pageOf(block, 300), 0x1234);

        world.step("the grantee maps page 300 of it at a slot of 4 KiB");
        MappedGrant mapping = new MappedGrant();
        long reference = world.table().reference(INDEX) + 300;
        Expect.equal(
                "status of map",
                0,
                grantee.kernel().map(World.GRANTER, reference, grantee.slot(0), Page.ORDER_4K, READ_WRITE, mapping));
        Expect.equal("what the grantee loads", 0x1234, grantee.load(grantee.slot(0)));
        Expect.holds("the entry is in use", world.table().inUse(INDEX));

        world.step("another page of it is copied out meanwhile");
        granter.store(pageOf(block, 7), 0x7777);
        int copied = grantee.kernel()
                .copyFrom(World.GRANTER, world.table().reference(INDEX) + 7, 0, grantee.page(0), Long.BYTES);
        Expect.equal("status of copy", 0, copied);
        Expect.equal("what was copied", 0x7777, grantee.load(grantee.page(0)));

        world.step("the copy has not ended the use by the mapping; the unmap does");
        Expect.holds("the entry is in use", world.table().inUse(INDEX));
        Expect.equal("status of unmap", 0, grantee.kernel().unmap(mapping));
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Needs(grantee = "large-mappings")
    @Clause(
            id = "LARGE-03",
            promise = "A grantee that dies with a large mapping leaves the block as it was.",
            source = "grant-v3.md, 15.10")
    void deathWithLargeMapping(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long block = grantBlock(world, READ_WRITE);
        long frame = granter.domain().physicalMap().machineFrame(Page.frame(block));
        long before = world.machine().frames().references(frame);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        MappedGrant mapping = new MappedGrant();
        Expect.equal(
                "status of map",
                0,
                grantee.kernel()
                        .map(World.GRANTER, world.table().reference(INDEX), slot, Page.ORDER_2M, READ_WRITE, mapping));
        Expect.equal(
                "references while mapped", before + 1, world.machine().frames().references(frame));

        world.step("the grantee is destroyed");
        world.destroy(grantee);
        Expect.equal("references afterwards", before, world.machine().frames().references(frame));
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }
}
