package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;
import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;

/** Frames that are taken from their owner, and frames of the hypervisor. */
final class FrameEnds {
    @Clause(
            id = "FRAME-51",
            promise =
                    "A frame is stolen from the owner that is named, with exactly the references that are; until it is assigned or"
                            + " freed nobody has it.",
            source = "FrameTable, steal, assign, freeStolen; xen/arch/x86/mm.c (steal_page)")
    void stolen(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long mfn = ram.frame(TYPED);
            Expect.holds("a reference", frames.get(mfn, Page.ORDER_4K, TYPED));
            for (int wrong : new int[] {0, 1, 3}) {
                Expect.holdsNot("with " + wrong + " references", frames.steal(mfn, TYPED, wrong));
            }
            Expect.holdsNot("from another", frames.steal(mfn, OTHER, 2));
            refused("a gift of what nobody stole", IllegalStateException.class, () -> frames.assign(mfn, OTHER));
            refused("the end of what nobody stole", IllegalStateException.class, () -> frames.freeStolen(mfn));
            Expect.equal("pages", 1, frames.pages(TYPED));
            Expect.holds("as it is", frames.steal(mfn, TYPED, 2));
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(mfn));
            Expect.equal("references", 1, frames.references(mfn));
            Expect.equal("pages", 0, frames.pages(TYPED));
            Expect.holdsNot("allocated", frames.isAllocated(mfn));
            Expect.holdsNot("a reference", frames.get(mfn, Page.ORDER_4K, FrameTable.NO_OWNER));
            refused("that of the thief", IllegalStateException.class, () -> frames.put(mfn, Page.ORDER_4K));
            Expect.holdsNot("a second theft", frames.steal(mfn, TYPED, 1));
            Expect.holdsNot("a theft from nobody", frames.steal(mfn, FrameTable.NO_OWNER, 1));
            frames.assign(mfn, OTHER);
            Expect.equal("owner", OTHER, frames.owner(mfn));
            Expect.equal("references", 1, frames.references(mfn));
            Expect.holds("allocated", frames.isAllocated(mfn));
            Expect.equal("pages", 1, frames.pages(OTHER));
            refused("a second gift", IllegalStateException.class, () -> frames.assign(mfn, TYPED));
            Expect.holds("stolen once more", frames.steal(mfn, OTHER, 1));
            frames.freeStolen(mfn);
            Expect.equal("pages", 0, frames.pages(OTHER));
            refused("a second end", IllegalStateException.class, () -> frames.freeStolen(mfn));
            ram.exactly(TYPED, mfn);
            Expect.holds("a reference", frames.get(mfn, Page.ORDER_4K, TYPED));
            ram.release(mfn, Page.ORDER_4K);
            Expect.holdsNot("what is not allocated any more", frames.steal(mfn, TYPED, 1));
            frames.put(mfn, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "FRAME-52",
            promise = "While somebody holds a block no frame of it is stolen; a block of which one was is none.",
            source = "FrameTable, steal")
    void stolenFromABlock(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long block = ram.block(TYPED, Page.ORDER_2M);
            Expect.holds("a reference", frames.get(block, Page.ORDER_2M, TYPED));
            Expect.holdsNot("a theft", frames.steal(block + 2, TYPED, 1));
            Expect.holdsNot("a theft that knows of it", frames.steal(block + 2, TYPED, 2));
            frames.put(block, Page.ORDER_2M);
            Expect.holdsNot("a theft that expects otherwise", frames.steal(block + 2, TYPED, 2));
            Expect.holds("the block is one", frames.get(block, Page.ORDER_2M, TYPED));
            frames.put(block, Page.ORDER_2M);
            Expect.holds("a theft", frames.steal(block + 2, TYPED, 1));
            Expect.holdsNot("the block", frames.get(block, Page.ORDER_2M, TYPED));
            Expect.equal("pages", OwnRam.BLOCK - 1, frames.pages(TYPED));
            frames.assign(block + 2, TYPED);
            Expect.holdsNot("the block", frames.get(block, Page.ORDER_2M, TYPED));
        }
    }

    @Clause(
            id = "FRAME-53",
            promise =
                    "A frame of the hypervisor's is owned, and no memory of the domain's; it is never stolen, and stays without"
                            + " references until it is freed.",
            source = "FrameTable, allocateShared, freeShared; xen/arch/x86/mm.c (share_xen_page_with_guest)")
    void shared(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long mfn = frames.allocateShared(TYPED);
            Expect.holds("shared", frames.isShared(mfn));
            Expect.equal("owner", TYPED, frames.owner(mfn));
            Expect.equal("references", 1, frames.references(mfn));
            Expect.holds("allocated", frames.isAllocated(mfn));
            Expect.equal("pages", 0, frames.pages(TYPED));
            Expect.equal("shared pages", 1, frames.sharedPages(TYPED));
            Expect.holdsNot("a theft", frames.steal(mfn, TYPED, 1));
            Expect.holds("a reference", frames.get(mfn, Page.ORDER_4K, TYPED));
            refused("while somebody holds it", IllegalStateException.class, () -> frames.freeShared(mfn));
            frames.put(mfn, Page.ORDER_4K);
            refused("that of the allocation", IllegalStateException.class, () -> frames.put(mfn, Page.ORDER_4K));
            Expect.holds("its release", frames.releaseAllocation(mfn));
            Expect.equal("references", 0, frames.references(mfn));
            Expect.equal("owner", TYPED, frames.owner(mfn));
            Expect.equal("shared pages", 1, frames.sharedPages(TYPED));
            Expect.holdsNot("a reference", frames.get(mfn, Page.ORDER_4K, TYPED));
            frames.freeShared(mfn);
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(mfn));
            Expect.equal("shared pages", 0, frames.sharedPages(TYPED));
            refused("a second time", IllegalStateException.class, () -> frames.freeShared(mfn));
            long own = ram.frame(TYPED);
            refused("a page of the domain's own", IllegalStateException.class, () -> frames.freeShared(own));
            world.step("with the reference of its allocation");
            long second = frames.allocateShared(OTHER);
            frames.setMachineToPhysical(second, 5);
            frames.freeShared(second);
            Expect.equal("guest frame", FrameTable.NONE, frames.machineToPhysical(second));
            Expect.equal("shared pages", 0, frames.sharedPages(OTHER));
            ram.exactly(OTHER, second);
            Expect.holdsNot("shared", frames.isShared(second));
        }
    }

    @Clause(
            id = "FRAME-54",
            promise =
                    "To a domain that dies a frame of the hypervisor's comes without the reference that nobody would drop.",
            source = "FrameTable, allocateShared")
    void sharedWithTheDying(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            frames.retire(TYPED);
            long mfn = frames.allocateShared(TYPED);
            Expect.equal("references", 0, frames.references(mfn));
            Expect.holdsNot("allocated", frames.isAllocated(mfn));
            Expect.equal("owner", TYPED, frames.owner(mfn));
            Expect.equal("shared pages", 1, frames.sharedPages(TYPED));
            long living = frames.allocateShared(OTHER);
            Expect.equal("references of a living one's", 1, frames.references(living));
            frames.freeShared(mfn);
            Expect.equal("shared pages", 0, frames.sharedPages(TYPED));
        }
    }
}
