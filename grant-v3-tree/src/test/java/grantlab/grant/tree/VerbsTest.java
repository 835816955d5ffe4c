package grantlab.grant.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.LeafRun;
import grantlab.api.grant.TreeTable;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** mark, clear, close, attached and synchronise on one word that the granter changes at any moment, and grow. */
class VerbsTest {
    private static final int READ = Access.READ | Access.HOST;
    private static final int WRITE = READ | Access.WRITE;
    private static final int BOTH = Access.READ | Access.WRITE;
    private static final int AT = 5;

    private final TreeWorld world = new TreeWorld(true);
    private final Meddler meddler = new Meddler(world.ram.memory());
    private final Leaf leaf = new Leaf();
    private long root;
    private long node;
    private long granted;
    private TreeTable tree;

    @BeforeEach
    void grantAPage() {
        root = world.page();
        node = world.nodeBelow(root, 0);
        granted = LeafWord.granted(0, world.page(), BOTH) | LeafWord.SW;
        world.put(node, AT, granted);
        tree = world.open(meddler.memory, root, 2);
    }

    @AfterEach
    void close() {
        tree.release(leaf);
        tree.dispose();
        world.assertNothingHeld();
        world.close();
    }

    private long word() {
        return world.word(node, AT);
    }

    private void word(long word) {
        world.put(node, AT, word);
    }

    /** As they go together: nobody walks for them. */
    @Test
    void neighboursAreMarkedTogetherUpToTheFirstThatIsAnotherByThen() {
        LeafRun run = new LeafRun();
        assertThat(tree.look(leaf, AT, 4, WRITE, run)).isZero();
        long readOnly = LeafWord.granted(0, world.page(), Access.READ);
        world.put(node, AT + 1, granted);
        world.put(node, AT + 2, granted);
        world.put(node, AT + 3, readOnly);
        located();
        tree.keep(leaf);
        assertThat(tree.look(leaf, AT, 4, READ, run)).isEqualTo(4);
        assertThat(tree.look(leaf, AT, 4, WRITE, run)).isEqualTo(3);
        assertThat(run.snapshots[2]).isEqualTo(LeafWord.grant(granted));
        assertThat(run.gfns[2]).isEqualTo(LeafWord.frame(granted));
        world.put(node, AT + 1, LeafWord.marked(granted, WRITE));
        assertThat(tree.mark(run, 3, 2, WRITE)).isEqualTo(1);
        assertThat(word()).isEqualTo(LeafWord.marked(granted, WRITE));
        assertThat(world.word(node, AT + 2)).isEqualTo(granted);
        assertThat(tree.look(leaf, AT, 3, WRITE, run)).isEqualTo(3);
        world.put(node, AT + 2, LeafWord.closed(granted));
        assertThat(tree.mark(run, 3, 2, WRITE)).isEqualTo(2);
        world.put(node, AT + 1, LeafWord.marked(granted, WRITE) | LeafWord.NOTIFY);
        world.put(node, AT + 2, LeafWord.marked(readOnly, READ) | LeafWord.NOTIFY);
        long[] snapshots = {0, run.snapshots[0], run.snapshots[1], run.snapshots[2]};
        assertThat(tree.end(leaf, AT, snapshots, 1, 3)).isEqualTo(1 << 1);
        assertThat(word()).isEqualTo(granted | LeafWord.W_SEEN);
        assertThat(world.word(node, AT + 1)).isEqualTo(granted | LeafWord.W_SEEN | LeafWord.NOTIFY);
        assertThat(world.word(node, AT + 2) & LeafWord.MAPPED).isEqualTo(LeafWord.MAPPED_R);
    }

    private void located() {
        tree.release(leaf);
        assertThat(tree.locate(AT, READ, leaf)).isZero();
    }

    private int mark(int access) {
        return tree.mark(leaf, TreeWorld.OTHER, access, true);
    }

    private void marked(int access) {
        located();
        assertThat(mark(access)).isZero();
    }

    /** Before the next exchanges somebody else changes the word. */
    private void meddle(int times, LongUnaryOperator change) {
        int[] left = {times};
        meddler.beforeExchange = (address, expected) -> {
            if (left[0]-- > 0) {
                word(change.applyAsLong(word()));
            }
        };
    }

    @Test
    void aUseIsMarkedAndNothingElseChanges() {
        marked(READ);
        assertThat(word()).isEqualTo(granted | LeafWord.MAPPED_R);
        marked(WRITE);
        assertThat(word()).isEqualTo(granted | LeafWord.MAPPED | LeafWord.W_SEEN);
    }

    @Test
    void whatIsMarkedIsNotWrittenAgain() {
        marked(WRITE);
        int before = meddler.exchanges;
        assertThat(mark(READ)).isZero();
        assertThat(mark(WRITE)).isZero();
        assertThat(meddler.exchanges).isEqualTo(before);
        word(word() & ~LeafWord.W_SEEN);
        assertThat(mark(WRITE)).isZero();
        assertThat(word() & LeafWord.W_SEEN)
                .as("a new writer after the guest cleared the trace")
                .isNotZero();
    }

    /** The mark is judged on the word as it is now, not as it was when it was located (section 19 A1). */
    @Test
    void theBitThatIsSetIsThatOfTheWordNow() {
        marked(READ);
        tree.clear(AT, 0, leaf.snapshot, Access.READ);
        word(LeafWord.emptied(word()));
        assertThat(mark(READ)).isEqualTo(Status.BAD_GNTREF);
        assertThat(word() & LeafWord.MAPPED).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0x0, 0, 4, -3", // ended
        "0x1, 0, 4, -21", // made way for smaller leaves
        "0x3, 0, 4, -15", // closed
        "0x2, 0x1000, 4, -21", // another frame
        "0x2, 0x0800000000000000, 4, -21", // another generation
        "0x2, 0x40, 4, -3", // reserved bits
        "0x2, 0x4, 6, -8", // W went
        "0x2, 0x4, 4, 0", // which a reader does not mind
        "0x2, 0x8, 12, -8", // DEV went
        "0x2, 0x10, 4, -8", // for copies only
        "0x2, 0x10, 16, 0",
        "0x2, 0x20, 6, 0", // the granter wants to hear of it
    })
    void theWordIsJudgedAsItStandsNow(String type, String flipped, int access, int status) {
        located();
        long now = ((granted & ~3L) | Long.decode(type)) ^ Long.decode(flipped);
        word(now);
        assertThat(mark(Access.READ | access)).isEqualTo(status);
        if (status != 0) {
            assertThat(word()).as("nothing is marked").isEqualTo(now);
        }
    }

    /** A table entry above forbids to write; the leaf does not know. */
    @Test
    void masksAboveCountToo() {
        world.put(root, 0, world.word(root, 0) & ~LeafWord.W);
        located();
        assertThat(mark(WRITE)).isEqualTo(Status.PERMISSION_DENIED);
        assertThat(mark(READ)).isZero();
    }

    @Test
    void aWordThatChangesUnderTheExchangeIsUnstable() {
        located();
        meddle(1, LeafWord::emptied);
        assertThat(mark(READ)).isEqualTo(Status.UNSTABLE);
        assertThat(word()).isEqualTo(LeafWord.emptied(granted));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0x400, 1", "2, 3, 0xa00, 1", "3, 3, 0x800, 1", "1, 3, 0x400, 0"})
    void clearTakesTheBitsThatNoUseJustifies(int unused, int used, String left, int known) {
        marked((used & Access.WRITE) != 0 ? WRITE : READ);
        word(word() | LeafWord.MAPPED);
        long snapshot = known == 1 ? leaf.snapshot : leaf.snapshot ^ 0x1000;
        long before = word();
        tree.clear(AT, 0, snapshot, unused);
        long bits = Long.decode(left) | ((used & Access.WRITE) != 0 ? LeafWord.W_SEEN : 0);
        assertThat(word()).isEqualTo(known == 1 ? granted | bits : before);
    }

    @Test
    void clearKnowsTheTombstoneOfItsLeaf() {
        marked(WRITE);
        word(LeafWord.closed(word()));
        tree.clear(AT, 0, leaf.snapshot, BOTH);
        assertThat(word()).isEqualTo(LeafWord.closed(granted) | LeafWord.W_SEEN);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0x1000, 1L << 59})
    void clearLeavesAlone(long what) {
        marked(WRITE);
        long other = what > 3 ? word() ^ what : (word() & ~3L) | what;
        word(other);
        tree.clear(AT, 0, leaf.snapshot, BOTH);
        assertThat(word()).isEqualTo(other);
    }

    /** The granter clears its trace while writing ends: it must find a new one, for there is something to be found. */
    @Test
    void whereWritingEndsTheTraceComesInTheSameStep() {
        marked(WRITE);
        meddle(1, word -> word & ~LeafWord.W_SEEN);
        tree.clear(AT, 0, leaf.snapshot, BOTH);
        assertThat(word()).isEqualTo(granted | LeafWord.W_SEEN);
    }

    @ParameterizedTest
    @ValueSource(ints = {Access.READ, Access.READ | Access.WRITE})
    void endTellsWhetherTheGranterAskedBeforeItCouldSee(int access) {
        marked(access);
        assertThat(tree.end(AT, 0, leaf.snapshot)).isFalse();
        assertThat(word() & LeafWord.MAPPED).isZero();
        marked(access);
        word(LeafWord.closed(word() | LeafWord.NOTIFY));
        assertThat(tree.end(AT, 0, leaf.snapshot ^ 0x1000))
                .as("of another grant")
                .isFalse();
        assertThat(word() & LeafWord.MAPPED).isNotZero();
        assertThat(tree.end(AT, 0, leaf.snapshot)).isTrue();
        assertThat(word() & LeafWord.MAPPED).isZero();
    }

    @Test
    void whoAsksWhileTheUseEndsIsHeard() {
        marked(WRITE);
        meddle(1, word -> word | LeafWord.NOTIFY);
        assertThat(tree.end(AT, 0, leaf.snapshot)).isTrue();
        assertThat(word() & LeafWord.MAPPED).isZero();
    }

    @Test
    void clearCannotFail() {
        marked(WRITE);
        meddle(100, word -> word ^ LeafWord.NOTIFY);
        int before = meddler.exchanges;
        tree.clear(AT, 0, leaf.snapshot, BOTH);
        assertThat(meddler.exchanges - before).as("attempts").isEqualTo(4);
        assertThat(word() & LeafWord.MAPPED).isZero();
        assertThat(word() & LeafWord.W_SEEN).isNotZero();
    }

    @Test
    void clearStopsWhereTheLeafEndsUnderIt() {
        marked(WRITE);
        long other = LeafWord.granted(word(), 0x99, BOTH) | LeafWord.MAPPED;
        meddle(1, word -> other);
        tree.clear(AT, 0, leaf.snapshot, BOTH);
        assertThat(word()).isEqualTo(other);
    }

    @Test
    void whereThereIsNoNodeThereIsNothingToClear() {
        marked(READ);
        long snapshot = leaf.snapshot;
        tree.release(leaf);
        world.put(root, 0, 0);
        tree.invalidate(AT, 2);
        tree.clear(AT, 0, snapshot, Access.READ);
        tree.clear(AT, 9, snapshot, Access.READ);
        tree.clear(AT, 18, snapshot, Access.READ);
        assertThat(tree.close(AT, 0, snapshot)).isZero();
        tree.attached(AT, 0, true);
        tree.synchronise(AT, 0, snapshot, BOTH);
        assertThat(word()).isEqualTo(granted | LeafWord.MAPPED_R);
    }

    @Test
    void aLargeLeafIsMarkedAndClearedInItsOwnNode() {
        long large = LeafWord.granted(0, 0x200, BOTH);
        world.put(root, 3, large);
        assertThat(tree.locate((3 << 9) | 7, READ, leaf)).isZero();
        assertThat(mark(WRITE)).isZero();
        assertThat(world.word(root, 3)).isEqualTo(large | LeafWord.MAPPED | LeafWord.W_SEEN);
        tree.clear(3 << 9, 9, leaf.snapshot, BOTH);
        assertThat(world.word(root, 3)).isEqualTo(large | LeafWord.W_SEEN);
        assertThat(tree.close(3 << 9, 9, leaf.snapshot)).isZero();
        assertThat(world.word(root, 3)).isEqualTo(LeafWord.closed(large) | LeafWord.W_SEEN);
    }

    @Test
    void aClosedLeafIsATombstoneAndOtherwiseTheSame() {
        marked(WRITE);
        long before = word();
        assertThat(tree.close(AT, 0, leaf.snapshot)).isZero();
        assertThat(word()).isEqualTo(before | 1);
        assertThat(tree.close(AT, 0, leaf.snapshot)).as("again").isZero();
        assertThat(word()).isEqualTo(before | 1);
    }

    @Test
    void closeLeavesAnotherGrantAlone() {
        located();
        long other = LeafWord.granted(LeafWord.emptied(granted), LeafWord.frame(granted), BOTH);
        word(other);
        assertThat(tree.close(AT, 0, leaf.snapshot)).isZero();
        assertThat(word()).isEqualTo(other);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "3, 0", "4, -21"})
    void closeTriesFourTimes(int meddled, int status) {
        located();
        meddle(meddled, word -> word ^ LeafWord.NOTIFY);
        assertThat(tree.close(AT, 0, leaf.snapshot)).isEqualTo(status);
        assertThat(LeafWord.type(word()) == LeafWord.TOMBSTONE).isEqualTo(status == 0);
    }

    /** Clearing W is all that it does: what is marked stays marked. */
    @ParameterizedTest
    @CsvSource({"0, 0", "3, 0", "4, -21"})
    void aProtectedLeafIsNotWritten(int meddled, int status) {
        marked(WRITE);
        long before = word();
        meddle(meddled, word -> word ^ LeafWord.NOTIFY);
        assertThat(tree.protect(AT, 0, leaf.snapshot)).isEqualTo(status);
        assertThat(word() & LeafWord.W).isEqualTo(status == 0 ? 0 : LeafWord.W);
        assertThat((word() ^ before) & ~(LeafWord.W | LeafWord.NOTIFY)).isZero();
        if (status == 0) {
            assertThat(mark(WRITE)).isEqualTo(Status.PERMISSION_DENIED);
            assertThat(mark(READ)).isZero();
        }
    }

    @Test
    void protectLeavesAnotherGrantAlone() {
        located();
        long other = LeafWord.granted(LeafWord.emptied(granted), LeafWord.frame(granted), BOTH);
        word(other);
        assertThat(tree.protect(AT, 0, leaf.snapshot)).isZero();
        assertThat(word()).isEqualTo(other);
    }

    /** A granter that looks between two steps would take the index for vacant (section 19 A5). */
    @Test
    void whatIsTakenBackIsAttachedInTheStepThatFreesIt() {
        marked(WRITE);
        long closed = LeafWord.closed(word());
        word(closed);
        meddler.beforeExchange =
                (address, expected) -> assertThat(LeafWord.isVacant(word())).isFalse();
        tree.attached(AT, 0, true);
        assertThat(word()).isEqualTo((closed & ~LeafWord.MAPPED) | LeafWord.W_SEEN | LeafWord.ATTACHED);
        tree.attached(AT, 0, false);
        assertThat(word()).isEqualTo((closed & ~LeafWord.MAPPED) | LeafWord.W_SEEN);
    }

    @Test
    void onlyTombstonesAreAttached() {
        marked(READ);
        tree.attached(AT, 0, true);
        assertThat(word()).isEqualTo(granted | LeafWord.MAPPED_R);
    }

    @Test
    void lettingGoCannotFailAndTakingHoldIsNotDoneByHalves() {
        marked(READ);
        word(LeafWord.closed(word()));
        meddle(100, word -> word ^ LeafWord.NOTIFY);
        tree.attached(AT, 0, true);
        assertThat(word() & (LeafWord.MAPPED_R | LeafWord.ATTACHED)).isEqualTo(LeafWord.MAPPED_R);
        meddle(0, word -> word);
        tree.attached(AT, 0, true);
        meddle(100, word -> word ^ LeafWord.NOTIFY);
        tree.attached(AT, 0, false);
        assertThat(word() & LeafWord.ATTACHED).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 0x600, 0x800", "0, 0x200, 0", "3, 0, 0xe00", "1, 0x600, 0xa00", "1, 0, 0x200"})
    void synchroniseWritesTheBitsAsTheUsesAre(int uses, String before, String after) {
        located();
        word(granted | Long.decode(before));
        assertThat(tree.synchronise(AT, 0, leaf.snapshot, uses)).isZero();
        assertThat(word()).isEqualTo(granted | Long.decode(after));
        word(granted ^ 0x1000);
        assertThat(tree.synchronise(AT, 0, leaf.snapshot, BOTH)).isZero();
        assertThat(word()).as("another grant").isEqualTo(granted ^ 0x1000);
    }

    @ParameterizedTest
    @CsvSource({"3, 0", "4, -21"})
    void synchroniseTriesFourTimes(int meddled, int status) {
        located();
        meddle(meddled, word -> word ^ LeafWord.NOTIFY);
        assertThat(tree.synchronise(AT, 0, leaf.snapshot, Access.READ)).isEqualTo(status);
        assertThat((word() & LeafWord.MAPPED_R) != 0).isEqualTo(status == 0);
    }

    @Test
    void synchroniseSaysWhenTheWordKeepsChanging() {
        located();
        meddle(3, word -> word ^ LeafWord.NOTIFY);
        assertThat(tree.synchronise(AT, 0, leaf.snapshot, BOTH)).isZero();
        assertThat(word() & LeafWord.MAPPED).isEqualTo(LeafWord.MAPPED);
        meddle(4, word -> word ^ LeafWord.NOTIFY);
        assertThat(tree.synchronise(AT, 0, leaf.snapshot, 0)).isEqualTo(Status.UNSTABLE);
        assertThat(word() & LeafWord.MAPPED).as("four attempts").isEqualTo(LeafWord.MAPPED);
        meddle(1, LeafWord::emptied);
        assertThat(tree.synchronise(AT, 0, leaf.snapshot, 0))
                .as("nothing stands there")
                .isZero();
    }

    @Test
    void growingKeepsIndicesAndMeaning() {
        long top = world.page();
        located();
        tree.release(leaf);
        assertThat(tree.nodeCache().held()).isEqualTo(1);
        world.put(top, 0, LeafWord.table(root) & ~LeafWord.W);
        assertThat(tree.grow(top)).isZero();
        assertThat(tree.size()).isEqualTo(1L << 27);
        world.assertHeld(world.mfn(top), 1);
        located();
        assertThat(leaf.gfn).isEqualTo(LeafWord.frame(granted));
        assertThat(leaf.rights & Access.WRITE)
                .as("what was cached before knows nothing of the new mask")
                .isZero();
        tree.release(leaf);
        world.put(world.nodeBelow(world.nodeBelow(top, 1), 2), 3, granted);
        assertThat(tree.locate((1 << 18) | (2 << 9) | 3, READ, leaf)).isZero();
    }

    @Test
    void aTreeGrowsToFourLevels() {
        long below = root;
        for (int levels = 3; levels <= 4; levels++) {
            long top = world.page();
            world.put(top, 0, LeafWord.table(below));
            assertThat(tree.grow(top)).isZero();
            below = top;
        }
        long top = world.page();
        world.put(top, 0, LeafWord.table(below));
        assertThat(tree.grow(top)).isEqualTo(Status.BAD_SIZE);
        located();
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "leaf", "other", "reserved", "nothing", "foreign"})
    void aRootThatDoesNotLeadToTheOldOneIsRefused(String wrong) {
        long top = world.page();
        long old = LeafWord.table(root);
        world.put(
                top,
                0,
                switch (wrong) {
                    case "empty" -> 0;
                    case "leaf" -> (old & ~3L) | LeafWord.LEAF;
                    case "other" -> LeafWord.table(node);
                    case "reserved" -> old | LeafWord.NOTIFY;
                    case "nothing" -> LeafWord.table(0x99999);
                    default -> old;
                });
        long gfn = wrong.equals("foreign") ? 0x99999 : top;
        assertThat(tree.grow(gfn)).isEqualTo(Status.BAD_PAGE);
        assertThat(tree.size()).isEqualTo(1 << 18);
        world.assertHeld(world.mfn(top), 0);
        world.assertHeld(world.mfn(root), 1);
        located();
    }
}
