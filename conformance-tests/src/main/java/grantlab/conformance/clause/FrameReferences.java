package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.LAST;
import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;
import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;

/** References on single frames. */
final class FrameReferences {
    private static final String SOURCE = FrameClauses.SOURCE;

    @Clause(
            id = "FRAME-21",
            promise =
                    "A reference is to be had by whoever names the owner, or any; it counts, and the frame stays until the last"
                            + " one goes.",
            source = SOURCE)
    void taken(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            for (long mfn : new long[] {ram.frame(TYPED), ram.frame(TYPED, LAST)}) {
                Expect.holdsNot("by the name of another", frames.get(mfn, Page.ORDER_4K, OTHER));
                Expect.holdsNot("by the name of nobody there", frames.get(mfn, Page.ORDER_4K, TYPED - 1));
                Expect.equal("references", 1, frames.references(mfn));
                Expect.holds("by its owner's", frames.get(mfn, Page.ORDER_4K, TYPED));
                Expect.equal("references", 2, frames.references(mfn));
                Expect.holds("by any", frames.get(mfn, Page.ORDER_4K, FrameTable.NO_OWNER));
                Expect.equal("references", 3, frames.references(mfn));
                ram.release(mfn, Page.ORDER_4K);
                Expect.equal("references", 2, frames.references(mfn));
                frames.put(mfn, Page.ORDER_4K);
                Expect.equal("owner", TYPED, frames.owner(mfn));
                Expect.holds("once more", frames.get(mfn, Page.ORDER_4K, TYPED));
                frames.put(mfn, Page.ORDER_4K);
                long pages = frames.pages(TYPED);
                frames.put(mfn, Page.ORDER_4K);
                Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(mfn));
                Expect.equal("references", 0, frames.references(mfn));
                Expect.equal("pages", pages - 1, frames.pages(TYPED));
                ram.exactly(OTHER, mfn);
            }
        }
    }

    @Clause(
            id = "FRAME-22",
            promise = "A reference that nobody took is not dropped; that of an allocation only by its release, once.",
            source = SOURCE)
    void dropped(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long mfn = ram.frame(TYPED);
            refused("that of the allocation", IllegalStateException.class, () -> frames.put(mfn, Page.ORDER_4K));
            Expect.holds("a reference", frames.get(mfn, Page.ORDER_4K, TYPED));
            frames.put(mfn, Page.ORDER_4K);
            refused("that of the allocation", IllegalStateException.class, () -> frames.put(mfn, Page.ORDER_4K));
            Expect.equal("references", 1, frames.references(mfn));
            Expect.holds("another reference", frames.get(mfn, Page.ORDER_4K, TYPED));
            Expect.holds("allocated", frames.isAllocated(mfn));
            Expect.holds("the release", frames.releaseAllocation(mfn));
            Expect.holdsNot("allocated", frames.isAllocated(mfn));
            Expect.holdsNot("a second release", frames.releaseAllocation(mfn));
            Expect.equal("references", 1, frames.references(mfn));
            frames.put(mfn, Page.ORDER_4K);
            refused("one more", IllegalStateException.class, () -> frames.put(mfn, Page.ORDER_4K));
            Expect.holdsNot("a release of what is free", frames.releaseAllocation(mfn));
            for (int order : new int[] {-1, 1, 17, 27}) {
                refused("order " + order, IllegalArgumentException.class, () -> frames.get(mfn, order, TYPED));
                refused("order " + order, IllegalArgumentException.class, () -> frames.put(mfn, order));
            }
        }
    }

    @Clause(
            id = "FRAME-23",
            promise =
                    "A plain reference is to be had of memory without a type or with the writable one, and of no page table and no"
                            + " frame of the hypervisor's.",
            source = "FrameTable, getPlain")
    void plain(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long mfn = ram.frame(TYPED);
            long shared = frames.allocateShared(TYPED);
            for (int type = FrameTable.TYPE_NONE; type <= FrameTable.TYPE_WRITABLE; type++) {
                if (type != FrameTable.TYPE_NONE) {
                    Expect.holds("the type", frames.getType(mfn, type));
                }
                boolean plain = type == FrameTable.TYPE_NONE || type == FrameTable.TYPE_WRITABLE;
                world.step("type " + type);
                Expect.equal("one", plain, frames.getPlain(mfn, Page.ORDER_4K, TYPED));
                Expect.equal("one of several", plain ? 1 : 0, frames.getPlain(new long[] {mfn}, 1, TYPED));
                Expect.equal("references", plain ? 3 : 1, frames.references(mfn));
                if (plain) {
                    frames.put(mfn, Page.ORDER_4K);
                    frames.put(mfn, Page.ORDER_4K);
                }
                if (type != FrameTable.TYPE_NONE) {
                    frames.putType(mfn);
                }
            }
            Expect.holdsNot("of another's", frames.getPlain(mfn, Page.ORDER_4K, OTHER));
            Expect.holdsNot("of the hypervisor's", frames.getPlain(shared, Page.ORDER_4K, TYPED));
            Expect.equal("of the hypervisor's", 0, frames.getPlain(new long[] {shared}, 1, TYPED));
            Expect.equal("references", 1, frames.references(shared));
            long block = ram.block(TYPED, Page.ORDER_2M);
            Expect.holds("of a block", frames.getPlain(block, Page.ORDER_2M, TYPED));
            Expect.equal("references", 2, frames.references(block + 511));
            frames.put(block, Page.ORDER_2M);
            Expect.holdsNot("of another's block", frames.getPlain(block, Page.ORDER_2M, OTHER));
            Expect.holds("the type", frames.getType(block, FrameTable.TYPE_L4));
            Expect.holdsNot("of a block that begins with a page table", frames.getPlain(block, Page.ORDER_2M, TYPED));
            frames.putType(block);
        }
    }

    @Clause(
            id = "FRAME-24",
            promise =
                    "Of several frames references are to be had from the first on up to the one of which there is none; behind"
                            + " that one nothing changes.",
            source = "FrameTable, getPlain")
    void several(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long one = ram.frame(TYPED);
            long last = ram.frame(TYPED, LAST);
            long high = ram.frame(TYPED, OwnRam.HIGH);
            long others = ram.frame(OTHER);
            long[] mfns = {one, high, last, last, one, others, one};
            Expect.equal("of no frames", 0, frames.getPlain(mfns, 0, TYPED));
            Expect.equal("up to another's", 5, frames.getPlain(mfns, mfns.length, TYPED));
            Expect.equal("references", 3, frames.references(one));
            Expect.equal("references", 2, frames.references(high));
            Expect.equal("references", 3, frames.references(last));
            Expect.equal("references", 1, frames.references(others));
            Expect.equal("of the first two", 2, frames.getPlain(mfns, 2, TYPED));
            Expect.equal("references", 4, frames.references(one));
            Expect.equal("up to no frame", 1, frames.getPlain(new long[] {others, -1, others}, 3, OTHER));
            Expect.equal("up to a hole", 1, frames.getPlain(new long[] {others, OwnRam.HIGH, others}, 3, OTHER));
            Expect.equal("references", 3, frames.references(others));
        }
    }

    @Clause(
            id = "FRAME-25",
            promise = "References on several frames go one by one: of those that are named, and of no others.",
            source = "FrameTable, put")
    void severalDropped(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long one = ram.frame(TYPED);
            long last = ram.frame(TYPED, LAST);
            long high = ram.frame(TYPED, OwnRam.HIGH);
            long[] mfns = {one, high, last, one, one, high};
            Expect.equal("references taken", mfns.length, frames.getPlain(mfns, mfns.length, TYPED));
            frames.put(mfns, 2, 2);
            Expect.equal("references", 4, frames.references(one));
            frames.put(mfns, 1, 4);
            Expect.equal("references", 3, frames.references(one));
            Expect.equal("references", 2, frames.references(high));
            Expect.equal("references", 1, frames.references(last));
            ram.release(one, Page.ORDER_4K);
            frames.put(mfns, 0, 1);
            frames.put(mfns, 4, 6);
            Expect.equal("owner of what nobody holds", FrameTable.NO_OWNER, frames.owner(one));
            Expect.equal("references", 1, frames.references(high));
            Expect.holds("a reference", frames.get(high, Page.ORDER_4K, TYPED));
            refused("that of an allocation", IllegalStateException.class, () -> frames.put(mfns, 1, 3));
            Expect.equal("references on the first", 1, frames.references(high));
            refused("of what nobody had", IllegalStateException.class, () -> frames.put(new long[] {-1}, 0, 1));
        }
    }
}
