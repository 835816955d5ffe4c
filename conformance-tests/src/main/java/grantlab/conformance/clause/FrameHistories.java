package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.BLOCK;
import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Long histories of frames. */
final class FrameHistories {
    private static final int STEPS = 3000;

    @Clause(
            id = "FRAME-71",
            promise =
                    "Whatever happens to frames and blocks in whatever order, the books answer and say what follows from it.",
            source = FrameClauses.SOURCE)
    void histories(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            new History(ram.frames(), world.random()).live();
        }
    }

    /** What follows for one frame. */
    private static final class Frame {
        int owner;
        boolean allocated = true;
        boolean stolen;
        int references = 1;
        int type;
        int uses;
        final Block block;

        Frame(int owner, Block block) {
            this.owner = owner;
            this.block = block;
        }
    }

    /** What follows for the block around a frame. */
    private static final class Block {
        int owner;
        boolean whole;
        int references;
    }

    /** Few frames of few blocks, so that they meet often. */
    private static final class History {
        private final FrameTable frames;
        private final RandomGenerator random;
        private final Map<Long, Frame> known = new TreeMap<>();
        private final Map<Long, Block> blocks = new TreeMap<>();

        History(FrameTable frames, RandomGenerator random) {
            this.frames = frames;
            this.random = random;
        }

        void live() {
            for (int step = 0; step < STEPS; step++) {
                act(step);
                long frame = any();
                check(frame);
            }
            for (long mfn : List.copyOf(known.keySet())) {
                check(mfn);
            }
            for (int domid : new int[] {TYPED, OTHER}) {
                long pages = known.values().stream()
                        .filter(frame -> !frame.stolen && frame.owner == domid)
                        .count();
                Expect.equal("pages", pages, frames.pages(domid));
            }
        }

        private void act(int step) {
            if (known.size() < 40 || step % 300 == 0) {
                allocate();
                return;
            }
            long mfn = any();
            switch (random.nextInt(10)) {
                case 0, 1 -> get(mfn);
                case 2, 3 -> put(mfn);
                case 4 -> getBlock(mfn & -BLOCK);
                case 5, 6 -> putBlock(mfn & -BLOCK);
                case 7 -> release(mfn);
                case 8 -> steal(mfn);
                default -> type(mfn);
            }
        }

        /** One of the first frames of a block, most of the time. */
        private long any() {
            List<Long> all = new ArrayList<>(known.keySet());
            return all.get(random.nextInt(random.nextInt(4) == 0 ? all.size() : Math.min(24, all.size())));
        }

        private Frame frame(long mfn) {
            return Objects.requireNonNull(known.get(mfn));
        }

        private Block block(long first) {
            return Objects.requireNonNull(blocks.get(first));
        }

        private int owner() {
            return random.nextBoolean() ? TYPED : OTHER;
        }

        private void allocate() {
            int order = random.nextInt(4) == 0 ? Page.ORDER_2M : Page.ORDER_4K;
            int owner = owner();
            long mfn = frames.allocate(owner, order);
            if (mfn == FrameTable.NONE) {
                return;
            }
            Block block = blocks.computeIfAbsent(mfn & -BLOCK, first -> new Block());
            if (order == Page.ORDER_2M) {
                block.owner = owner;
                block.whole = true;
            }
            for (long frame = mfn; frame < mfn + (1L << order); frame++) {
                Expect.holds("a frame that nobody has", known.put(frame, new Frame(owner, block)) == null);
            }
        }

        private void get(long mfn) {
            Frame frame = frame(mfn);
            int owner = random.nextInt(3) == 0 ? FrameTable.NO_OWNER : owner();
            boolean expected = !frame.stolen && (owner == FrameTable.NO_OWNER || owner == frame.owner);
            Expect.equal("a reference on " + mfn, expected, frames.get(mfn, Page.ORDER_4K, owner));
            frame.references += expected ? 1 : 0;
        }

        private void put(long mfn) {
            Frame frame = frame(mfn);
            if (frame.references > (frame.allocated || frame.stolen ? 1 : 0)) {
                withoutType(mfn, frame);
                frame.references--;
                frames.put(mfn, Page.ORDER_4K);
                settle(mfn, frame);
            }
        }

        private void release(long mfn) {
            Frame frame = frame(mfn);
            withoutType(mfn, frame);
            Expect.equal("the release of " + mfn, frame.allocated, frames.releaseAllocation(mfn));
            if (frame.allocated) {
                frame.allocated = false;
                frame.references--;
                settle(mfn, frame);
            }
        }

        /** What has a type does not become free. */
        private void withoutType(long mfn, Frame frame) {
            while (frame.references <= 1 && frame.uses > 0) {
                frames.putType(mfn);
                frame.uses--;
            }
        }

        private void settle(long mfn, Frame frame) {
            if (frame.references == 0 && !frame.stolen) {
                frame.block.whole = false;
                if (frame.block.references == 0) {
                    known.remove(mfn);
                    Expect.equal("owner of " + mfn, FrameTable.NO_OWNER, frames.owner(mfn));
                }
            }
        }

        private void getBlock(long first) {
            Block block = block(first);
            int owner = random.nextInt(3) == 0 ? FrameTable.NO_OWNER : owner();
            boolean there = block.whole || block.references > 0;
            boolean expected = there && (owner == FrameTable.NO_OWNER || owner == block.owner);
            Expect.equal("a reference on the block at " + first, expected, frames.get(first, Page.ORDER_2M, owner));
            block.references += expected ? 1 : 0;
        }

        private void putBlock(long first) {
            Block block = block(first);
            if (block.references == 0) {
                return;
            }
            for (long mfn = first; mfn < first + BLOCK; mfn++) {
                Frame frame = known.get(mfn);
                if (frame != null && frame.references == 0) {
                    withoutType(mfn, frame);
                }
            }
            block.references--;
            frames.put(first, Page.ORDER_2M);
            for (long mfn = first; mfn < first + BLOCK && block.references == 0; mfn++) {
                Frame frame = known.get(mfn);
                if (frame != null) {
                    settle(mfn, frame);
                }
            }
        }

        private void steal(long mfn) {
            Frame frame = frame(mfn);
            if (frame.stolen) {
                endTheft(mfn, frame);
                return;
            }
            int expectedReferences = frame.references + (random.nextInt(4) == 0 ? 1 : 0);
            int owner = owner();
            boolean expected = frame.allocated
                    && owner == frame.owner
                    && expectedReferences == frame.references
                    && frame.uses == 0
                    && frame.block.references == 0;
            Expect.equal("a theft of " + mfn, expected, frames.steal(mfn, owner, expectedReferences));
            if (expected) {
                frame.stolen = true;
                frame.allocated = false;
                frame.references = 1;
                frame.block.whole = false;
            }
        }

        private void endTheft(long mfn, Frame frame) {
            if (random.nextBoolean()) {
                frames.freeStolen(mfn);
                known.remove(mfn);
            } else {
                frame.owner = owner();
                frame.stolen = false;
                frame.allocated = true;
                frames.assign(mfn, frame.owner);
            }
        }

        private void type(long mfn) {
            Frame frame = frame(mfn);
            if (frame.stolen || frame.references == 0) {
                return;
            }
            if (frame.uses > 0 && random.nextBoolean()) {
                frames.putType(mfn);
                frame.uses--;
                return;
            }
            int type = 1 + random.nextInt(2);
            boolean expected = frame.uses == 0 || frame.type == type;
            Expect.equal("type " + type + " of " + mfn, expected, frames.getType(mfn, type));
            if (expected) {
                frame.type = type;
                frame.uses++;
            }
        }

        private void check(long mfn) {
            Frame frame = frame(mfn);
            Expect.equal("owner of " + mfn, frame.stolen ? FrameTable.NO_OWNER : frame.owner, frames.owner(mfn));
            Expect.equal("references of " + mfn, frame.references + frame.block.references, frames.references(mfn));
            Expect.equal("allocation of " + mfn, frame.allocated, frames.isAllocated(mfn));
            Expect.equal("uses of " + mfn, frame.uses, frames.typeUses(mfn));
            Expect.equal("type of " + mfn, frame.uses == 0 ? FrameTable.TYPE_NONE : frame.type, frames.type(mfn));
        }
    }
}
