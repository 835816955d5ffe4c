package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.BLOCK;
import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;
import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;

/** References on blocks of 2 MiB. */
final class FrameBlocks {
    private static final String SOURCE = "FrameTable, get, put";

    @Clause(
            id = "FRAME-31",
            promise = "A reference on a block is one on each of its frames, and on none beside it.",
            source = SOURCE)
    void counted(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long one = ram.block(TYPED, Page.ORDER_2M);
            long two = ram.block(TYPED, Page.ORDER_2M);
            Expect.holds("by its owner's name", frames.get(one, Page.ORDER_2M, TYPED));
            Expect.holds("by any", frames.get(one, Page.ORDER_2M, FrameTable.NO_OWNER));
            Expect.holdsNot("by the name of another", frames.get(one, Page.ORDER_2M, OTHER));
            for (long mfn = one; mfn < one + BLOCK; mfn++) {
                Expect.equal("references", 3, frames.references(mfn));
            }
            Expect.equal("references on the neighbour", 1, frames.references(two));
            Expect.equal("references on the neighbour", 1, frames.references(two + BLOCK - 1));
            Expect.holds("one on a frame of it", frames.get(one + 9, Page.ORDER_4K, TYPED));
            Expect.equal("references", 4, frames.references(one + 9));
            Expect.equal("references", 3, frames.references(one + 10));
            frames.put(one + 9, Page.ORDER_4K);
            frames.put(one, Page.ORDER_2M);
            frames.put(one, Page.ORDER_2M);
            Expect.equal("references", 1, frames.references(one + 9));
            refused("one more", IllegalStateException.class, () -> frames.put(one, Page.ORDER_2M));
            Expect.holds("the block is whole still", frames.get(one, Page.ORDER_2M, TYPED));
            frames.put(one, Page.ORDER_2M);
        }
    }

    @Clause(
            id = "FRAME-32",
            promise = "What begins in the middle of a block is none, and what was allocated frame by frame is none.",
            source = SOURCE)
    void none(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long block = ram.block(TYPED, Page.ORDER_2M);
            Expect.holdsNot("misaligned", frames.get(block + 1, Page.ORDER_2M, TYPED));
            refused(
                    "a put of what is misaligned",
                    IllegalArgumentException.class,
                    () -> frames.put(block + 1, Page.ORDER_2M));
            Expect.holdsNot("of order 18", frames.get(0, Page.ORDER_1G, TYPED));
            Expect.equal("references", 1, frames.references(block + 1));
            ram.release(block, Page.ORDER_2M);
            for (long mfn = block; mfn < block + BLOCK; mfn++) {
                ram.exactly(TYPED, mfn);
            }
            Expect.holdsNot("frame by frame", frames.get(block, Page.ORDER_2M, TYPED));
            Expect.holdsNot("frame by frame", frames.get(block, Page.ORDER_2M, FrameTable.NO_OWNER));
        }
    }

    @Clause(
            id = "FRAME-33",
            promise =
                    "A frame of a block that is given up waits, owned, for the last reference on the block, and may be held again"
                            + " meanwhile; the block is no block to anybody new afterwards.",
            source = SOURCE)
    void waiting(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long block = ram.block(TYPED, Page.ORDER_2M);
            Expect.holds("a reference", frames.get(block, Page.ORDER_2M, TYPED));
            ram.release(block + 3, Page.ORDER_4K);
            ram.release(block + 511, Page.ORDER_4K);
            ram.release(block + 4, Page.ORDER_4K);
            Expect.equal("owner", TYPED, frames.owner(block + 3));
            Expect.equal("references", 1, frames.references(block + 3));
            Expect.holdsNot("allocated", frames.isAllocated(block + 3));
            Expect.equal("pages", BLOCK, frames.pages(TYPED));
            Expect.holdsNot("by the name of another", frames.get(block + 3, Page.ORDER_4K, OTHER));
            Expect.holds("held again", frames.get(block + 3, Page.ORDER_4K, TYPED));
            Expect.equal("references", 2, frames.references(block + 3));
            Expect.holds("by any name", frames.get(block + 511, Page.ORDER_4K, FrameTable.NO_OWNER));
            Expect.holds("once more", frames.get(block + 511, Page.ORDER_4K, FrameTable.NO_OWNER));
            frames.put(block + 511, Page.ORDER_4K);
            frames.put(block + 511, Page.ORDER_4K);
            Expect.holds("a second one on the block", frames.get(block, Page.ORDER_2M, TYPED));
            frames.put(block, Page.ORDER_2M);
            Expect.equal("owner", TYPED, frames.owner(block + 4));
            frames.put(block, Page.ORDER_2M);
            Expect.equal("owner of what nobody holds", FrameTable.NO_OWNER, frames.owner(block + 4));
            Expect.equal("owner of what nobody holds", FrameTable.NO_OWNER, frames.owner(block + 511));
            Expect.equal("owner of what is held", TYPED, frames.owner(block + 3));
            Expect.equal("owner of its neighbour", TYPED, frames.owner(block + 5));
            Expect.equal("pages", BLOCK - 2, frames.pages(TYPED));
            Expect.holdsNot("the block", frames.get(block, Page.ORDER_2M, TYPED));
            frames.put(block + 3, Page.ORDER_4K);
            Expect.equal("pages", BLOCK - 3, frames.pages(TYPED));
            for (long mfn : new long[] {block + 3, block + 4, block + 511}) {
                ram.exactly(OTHER, mfn);
            }
        }
    }

    @Clause(
            id = "FRAME-34",
            promise =
                    "A block of which one frame was given up is none, also when all of its frames were had again one by one, and is"
                            + " one when it is allocated as one.",
            source = SOURCE)
    void broken(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long block = ram.block(TYPED, Page.ORDER_2M);
            ram.release(block + 7, Page.ORDER_4K);
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(block + 7));
            Expect.holdsNot("with a hole", frames.get(block, Page.ORDER_2M, TYPED));
            ram.exactly(TYPED, block + 7);
            Expect.holdsNot("with a frame that came later", frames.get(block, Page.ORDER_2M, TYPED));
            ram.release(block, Page.ORDER_2M);
            ram.exactly(OTHER, Page.ORDER_2M, block);
            Expect.holdsNot("by the name of who had it", frames.get(block, Page.ORDER_2M, TYPED));
            Expect.holds("by the name of who has it", frames.get(block, Page.ORDER_2M, OTHER));
            frames.put(block, Page.ORDER_2M);
        }
    }
}
