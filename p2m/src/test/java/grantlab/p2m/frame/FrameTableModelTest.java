package grantlab.p2m.frame;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.RamLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random calls, each answered by the table as by a model that is too simple to be wrong. */
class FrameTableModelTest {
    private static final int DOMAINS = 3;
    private static final int STEPS = 8_000;

    /** Three blocks and some frames beside them; a few frames far away. */
    private static final RamLayout LAYOUT =
            new RamLayout(List.of(new RamLayout.Extent(500, 1600), new RamLayout.Extent((1L << 33) + 3, 5)));

    private static final class Frame {
        int owner = FrameTable.NO_OWNER;
        int references;
        int type;
        int uses;
        boolean allocated;
        boolean shared;
        boolean stolen;
    }

    private static final class Block {
        int owner = FrameTable.NO_OWNER;
        int references;
        boolean whole;
    }

    private final TreeMap<Long, Frame> model = new TreeMap<>();
    private final TreeMap<Long, Block> blocks = new TreeMap<>();

    private Frame frame(long mfn) {
        return Objects.requireNonNull(model.get(mfn));
    }

    private Block block(long mfn) {
        return Objects.requireNonNull(blocks.get(mfn & -512L));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theTableAnswersAsTheModel(long seed) {
        for (RamLayout.Extent extent : LAYOUT.extents()) {
            for (long mfn = extent.firstMfn(); mfn < extent.firstMfn() + extent.frames(); mfn++) {
                model.put(mfn, new Frame());
                blocks.put(mfn & -512L, new Block());
            }
        }
        Random random = new Random(seed);
        List<Long> mfns = new ArrayList<>(model.keySet());
        try (Books books = new Books(LAYOUT)) {
            for (int domid = 0; domid < DOMAINS; domid++) {
                books.frames.admit(domid, domid == 0);
            }
            for (int step = 0; step < STEPS; step++) {
                long mfn = choose(random, mfns);
                String what = "seed " + seed + ", step " + step + ", mfn " + mfn;
                step(books.frames, random, mfn, what);
                assertSame(books.frames, mfn, what);
                if (step % 500 == 0) {
                    mfns.forEach(any -> assertSame(books.frames, any, what));
                    assertBooks(books.frames, what);
                }
            }
        }
    }

    /** Mostly frames in use, mostly few ones, so that things happen to the same frame. */
    private long choose(Random random, List<Long> mfns) {
        long mfn = mfns.get(random.nextInt(3) == 0 ? random.nextInt(mfns.size()) : 12 + random.nextInt(6));
        return random.nextInt(4) == 0 && model.containsKey(mfn + 512) ? mfn + 512 : mfn;
    }

    private void step(FrameTable table, Random random, long mfn, String what) {
        int owner = random.nextInt(DOMAINS);
        int asked = random.nextInt(DOMAINS + 1) - 1;
        Frame frame = frame(mfn);
        switch (random.nextInt(15)) {
            case 0 -> assertThat(table.allocateFrom(owner, 0, mfn)).as(what).isEqualTo(allocate(owner, 1, mfn, false));
            case 1 -> assertThat(table.allocateShared(owner)).as(what).isEqualTo(allocate(owner, 1, 0, true));
            case 2 -> assertThat(table.allocate(owner, 9)).as(what).isEqualTo(allocate(owner, 512, 0, false));
            case 3, 4, 5 -> assertThat(table.get(mfn, 0, asked)).as(what).isEqualTo(get(frame, asked));
            case 6, 7, 8 -> {
                if (frame.references > 1 || (frame.references == 1 && !frame.allocated && !frame.stolen)) {
                    table.put(mfn, 0);
                    frame.references--;
                    settle(mfn);
                }
            }
            case 9 -> {
                if (frame.uses == 0) {
                    assertThat(table.releaseAllocation(mfn)).as(what).isEqualTo(release(frame, mfn));
                }
            }
            case 10 -> {
                int expected = 1 + random.nextInt(2);
                assertThat(table.steal(mfn, owner, expected)).as(what).isEqualTo(steal(frame, mfn, owner, expected));
            }
            case 11 -> endTheft(table, random.nextBoolean(), frame, mfn, owner);
            case 12 -> {
                long first = mfn & -512L;
                assertThat(table.get(first, 9, asked)).as(what).isEqualTo(getBlock(first, asked));
            }
            case 13 -> {
                putBlock(table, mfn & -512L);
                freeShared(table, frame, mfn);
            }
            default -> types(table, random, frame, mfn, what);
        }
    }

    private long allocate(int owner, int count, long lowest, boolean shared) {
        for (long mfn : model.tailMap(lowest).keySet()) {
            if (mfn % count == 0 && allFree(mfn, count)) {
                for (long each = mfn; each < mfn + count; each++) {
                    Frame frame = frame(each);
                    frame.owner = owner;
                    frame.references = 1;
                    frame.allocated = true;
                    frame.shared = shared;
                }
                if (count == 512) {
                    Block block = block(mfn);
                    block.owner = owner;
                    block.whole = true;
                }
                return mfn;
            }
        }
        return FrameTable.NONE;
    }

    private boolean allFree(long mfn, int count) {
        for (long each = mfn; each < mfn + count; each++) {
            if (!model.containsKey(each) || frame(each).owner != FrameTable.NO_OWNER || frame(each).stolen) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOwner(int owner, int asked) {
        return owner != FrameTable.NO_OWNER && (asked == FrameTable.NO_OWNER || asked == owner);
    }

    private static boolean get(Frame frame, int asked) {
        boolean granted = isOwner(frame.owner, asked) && !(frame.shared && frame.references == 0);
        frame.references += granted ? 1 : 0;
        return granted;
    }

    private boolean getBlock(long first, int asked) {
        Block block = block(first);
        boolean granted = (block.whole || block.references > 0) && isOwner(block.owner, asked);
        block.references += granted ? 1 : 0;
        return granted;
    }

    private void putBlock(FrameTable table, long first) {
        Block block = block(first);
        if (block.references > 0) {
            table.put(first, 9);
            block.references--;
            for (long mfn = first; mfn < first + 512; mfn++) {
                settle(mfn);
            }
        }
    }

    private boolean release(Frame frame, long mfn) {
        if (!frame.allocated) {
            return false;
        }
        frame.allocated = false;
        frame.references--;
        settle(mfn);
        return true;
    }

    /** A frame without references ends, unless its block has some; its block is no more whole in either case. */
    private void settle(long mfn) {
        if (!model.containsKey(mfn)
                || frame(mfn).owner == FrameTable.NO_OWNER
                || frame(mfn).references > 0
                || frame(mfn).shared) {
            return;
        }
        Block block = block(mfn);
        block.whole = false;
        if (block.references == 0) {
            model.put(mfn, new Frame());
        }
    }

    private boolean steal(Frame frame, long mfn, int owner, int expected) {
        Block block = block(mfn);
        if (!frame.allocated
                || frame.owner != owner
                || frame.shared
                || frame.uses > 0
                || frame.references != expected
                || block.references > 0) {
            return false;
        }
        block.whole = false;
        frame.owner = FrameTable.NO_OWNER;
        frame.allocated = false;
        frame.stolen = true;
        frame.references = 1;
        return true;
    }

    private void endTheft(FrameTable table, boolean free, Frame frame, long mfn, int owner) {
        if (!frame.stolen) {
            return;
        }
        if (free) {
            table.freeStolen(mfn);
            model.put(mfn, new Frame());
        } else {
            table.assign(mfn, owner);
            frame.stolen = false;
            frame.owner = owner;
            frame.allocated = true;
        }
    }

    private void freeShared(FrameTable table, Frame frame, long mfn) {
        if (frame.shared && frame.uses == 0 && frame.references == (frame.allocated ? 1 : 0)) {
            table.freeShared(mfn);
            model.put(mfn, new Frame());
        }
    }

    private static void types(FrameTable table, Random random, Frame frame, long mfn, String what) {
        // Uses only while the allocation's reference holds the frame.
        if (frame.uses > 0 && random.nextBoolean()) {
            table.putType(mfn);
            frame.uses--;
            frame.type = frame.uses == 0 ? FrameTable.TYPE_NONE : frame.type;
        } else if (frame.allocated) {
            int type = 1 + random.nextInt(5);
            boolean granted = frame.uses == 0 || frame.type == type;
            assertThat(table.getType(mfn, type)).as(what).isEqualTo(granted);
            frame.type = granted ? type : frame.type;
            frame.uses += granted ? 1 : 0;
        }
    }

    private void assertSame(FrameTable table, long mfn, String what) {
        Frame frame = frame(mfn);
        Block block = block(mfn);
        assertThat(table.owner(mfn)).as("%s: owner of %d", what, mfn).isEqualTo(frame.owner);
        assertThat(table.references(mfn))
                .as("%s: references of %d", what, mfn)
                .isEqualTo(frame.references + block.references);
        assertThat(table.type(mfn)).as("%s: type of %d", what, mfn).isEqualTo(frame.type);
        assertThat(table.typeUses(mfn)).as("%s: uses of %d", what, mfn).isEqualTo(frame.uses);
        assertThat(table.isShared(mfn)).as("%s: shared %d", what, mfn).isEqualTo(frame.shared);
    }

    private void assertBooks(FrameTable table, String what) {
        for (int domid = 0; domid < DOMAINS; domid++) {
            List<Long> owned = new ArrayList<>();
            for (long mfn = table.nextOwned(domid, 0); mfn >= 0; mfn = table.nextOwned(domid, mfn + 1)) {
                owned.add(mfn);
            }
            int owner = domid;
            List<Long> expected = model.keySet().stream()
                    .filter(mfn -> frame(mfn).owner == owner)
                    .toList();
            long shared = expected.stream().filter(mfn -> frame(mfn).shared).count();
            assertThat(owned).as("%s: walk of d%d", what, domid).isEqualTo(expected);
            assertThat(table.sharedPages(domid))
                    .as("%s: shared of d%d", what, domid)
                    .isEqualTo(shared);
            assertThat(table.pages(domid)).as("%s: pages of d%d", what, domid).isEqualTo(owned.size() - shared);
        }
    }
}
