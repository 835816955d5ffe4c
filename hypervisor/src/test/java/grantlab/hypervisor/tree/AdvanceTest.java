package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.grant.TreeTable;
import java.lang.reflect.Proxy;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who is charged, and that it is exact once what is in hand is given back (grant-v3.md, section 6). */
class AdvanceTest {
    private final Share share = new Shares(100).of(1);
    private final Tree tree = tree(100, 100);
    private final Advance[] ofDomain = new Advance[2];
    private final Advance advance = new Advance(ofDomain);
    private final Advance other = new Advance(ofDomain);

    AdvanceTest() {
        ofDomain[0] = advance;
        ofDomain[1] = other;
        advance.begin(tree, share);
    }

    private static Tree tree(int leaves, int mappings) {
        TreeTable table = (TreeTable) Proxy.newProxyInstance(
                TreeTable.class.getClassLoader(), new Class<?>[] {TreeTable.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("nobody looks at entries here");
                });
        Tree.Terms terms = new Tree.Terms(0, 2, 0, Tree.NOTHING, Tree.NOTHING, 0);
        Tree tree = new Tree(1, 1, 1, terms, table, new Binding(2, 0, true, false, Share.NONE));
        tree.setBounds(leaves, mappings);
        return tree;
    }

    private void assertCharged(int leaves, int mappings) {
        assertThat(tree.active()).isEqualTo(leaves);
        assertThat(tree.mappings()).isEqualTo(mappings);
        assertThat(share.used()).isEqualTo(mappings);
    }

    private boolean takesMapping() {
        return advance.takeMapping() == Advance.Room.TAKEN;
    }

    @Test
    void neighboursTakeWhatIsChargedForAndNoMore() {
        advance.charge(12);
        assertThat(advance.takeNeighbours(8)).isEqualTo(8);
        assertThat(advance.takeNeighbours(8)).isEqualTo(4);
        assertThat(advance.takeNeighbours(8)).isZero();
        advance.giveNeighbours(3);
        advance.settle();
        assertCharged(9, 9);
    }

    @Test
    void aRunIsChargedInPortions() {
        advance.charge(50);
        assertCharged(32, 32);
        for (int octet = 0; octet < 4; octet++) {
            advance.charge(50 - 8 * octet);
            assertThat(advance.takeNeighbours(8)).isEqualTo(8);
        }
        assertCharged(32, 32);
        advance.charge(18);
        assertCharged(50, 50);
        advance.settle();
        assertCharged(32, 32);
        advance.settle();
        assertCharged(32, 32);
    }

    /** Else the last of an octet would go by itself. */
    @Test
    void octetIsMadeFull() {
        advance.charge(1);
        assertThat(advance.takeLeaf(tree)).isTrue();
        assertThat(takesMapping()).isTrue();
        advance.charge(8);
        assertThat(advance.takeNeighbours(8)).isEqualTo(8);
        advance.charge(1);
        assertThat(advance.takeLeaf(tree)).isTrue();
        advance.charge(8);
        assertThat(advance.takeNeighbours(8)).isEqualTo(8);
    }

    /** Who maps and unmaps one page at a time is charged once for all of it. */
    @Test
    void whatEndsStaysInHand() {
        for (int time = 0; time < 100; time++) {
            advance.charge(1);
            assertThat(advance.takeLeaf(tree)).isTrue();
            assertThat(takesMapping()).isTrue();
            assertCharged(8, 8);
            advance.ended(tree, share, true);
            assertCharged(8, 8);
        }
        assertThat(advance.leaves(tree)).isEqualTo(8);
        assertThat(advance.mappings(tree)).isEqualTo(8);
        assertThat(advance.mappings(share)).isEqualTo(8);
        assertThat(other.leaves(tree) + other.mappings(tree) + other.mappings(share))
                .isZero();
        advance.settle();
        assertCharged(0, 0);
    }

    @Test
    void whatEndsOfAnotherTreeOrShareIsGivenBackAtOnce() {
        Tree another = tree(10, 10);
        another.take(2, 2);
        share.take(2);
        advance.ended(another, share, false);
        assertThat(another.active()).isEqualTo(2);
        advance.ended(another, share, true);
        assertThat(another.active() + another.mappings() - 1 + share.used()).isZero();
        share.take(1);
        tree.take(1, 1);
        Share others = new Shares(100).of(2);
        others.take(1);
        advance.ended(tree, others, true);
        assertThat(others.used()).isZero();
        assertThat(tree.active() + tree.mappings()).isZero();
    }

    @Test
    void otherBoundsLeaveNothingInHand() {
        advance.charge(8);
        tree.setBounds(99, 100);
        advance.begin(tree, share);
        assertCharged(0, 0);
        advance.charge(8);
        tree.setBounds(99, 99);
        advance.begin(tree, share);
        assertCharged(0, 0);
        advance.charge(8);
        share.setLimit(99);
        advance.begin(tree, share);
        assertCharged(0, 0);
    }

    /** Whatever mixture of uses by two vCPUs: nothing is charged for that is neither used nor in hand, and that has a bound. */
    @Test
    void nothingIsLostAndTheHandIsBounded() {
        Random random = new Random(7);
        other.begin(tree, share);
        int leaves = 0;
        int mappings = 0;
        for (int step = 0; step < 100_000; step++) {
            Advance by = random.nextBoolean() ? advance : other;
            int toward = step / 1000 % 4;
            if (random.nextInt(4) < toward && mappings > 0) {
                boolean last = leaves == mappings || (leaves > 0 && random.nextBoolean());
                by.ended(tree, share, last);
                mappings--;
                leaves -= last ? 1 : 0;
            } else {
                by.charge(1 + random.nextInt(12));
                boolean fresh = random.nextBoolean();
                if (!fresh || by.takeLeaf(tree)) {
                    leaves += fresh ? 1 : 0;
                    mappings += by.takeMapping() == Advance.Room.TAKEN ? 1 : 0;
                }
                if (leaves > mappings) {
                    tree.give(leaves - mappings, 0);
                    leaves = mappings;
                }
            }
            for (Advance each : ofDomain) {
                assertThat(each.leaves(tree)).isBetween(0, 32);
                assertThat(each.mappings(tree)).isBetween(0, 32).isEqualTo(each.mappings(share));
            }
            assertThat(tree.active() - advance.leaves(tree) - other.leaves(tree))
                    .isEqualTo(leaves);
            assertThat(tree.mappings() - advance.mappings(tree) - other.mappings(tree))
                    .isEqualTo(mappings);
            assertThat(tree.mappings()).isEqualTo(share.used()).isLessThanOrEqualTo(100);
            assertThat(tree.active()).isLessThanOrEqualTo(100);
        }
        advance.settle();
        other.settle();
        assertCharged(leaves, mappings);
    }

    /** What others have in hand is asked for once an element; then what is refused is refused. */
    @Test
    void refusalIsFinalOnceOthersWereAsked() {
        assertThat(advance.isFinal(tree)).isTrue();
        assertThat(advance.asks()).isFalse();
        advance.charge(8);
        assertThat(advance.isFinal(tree)).as("its own").isTrue();
        other.begin(tree, share);
        other.charge(8);
        assertThat(advance.isFinal(tree)).isFalse();
        assertThat(advance.asks()).isTrue();
        assertThat(advance.asks()).isFalse();
        assertThat(advance.isFinal(tree)).isTrue();
        advance.anew();
        assertThat(advance.isFinal(null)).as("of the share").isFalse();
        advance.anew();
        assertThat(advance.asks()).as("of an element before").isFalse();
        other.settle();
        assertThat(advance.isFinal(tree)).isTrue();
    }

    /** A copy uses leaves of a tree through which nothing is mapped. */
    @Test
    void leafOfAnotherTreeIsNotTakenFromTheHand() {
        Tree another = tree(1, 1);
        advance.charge(8);
        assertThat(advance.takeLeaf(another)).isTrue();
        assertThat(advance.takeLeaf(another)).isFalse();
        assertCharged(8, 8);
    }

    /** Leaves that were in use already cost nothing, and what was charged for them is not charged again. */
    @Test
    void leavesThatAreLeftOverAreUsedUp() {
        advance.charge(10);
        for (int i = 0; i < 10; i++) {
            assertThat(takesMapping()).isTrue();
        }
        advance.charge(10);
        assertCharged(10, 20);
        assertThat(advance.takeLeaf(tree)).isTrue();
        advance.settle();
        assertCharged(1, 10);
    }

    @Test
    void withoutRoomForAllOfItEachAsksForItself() {
        tree.setBounds(100, 5);
        advance.charge(10);
        assertCharged(0, 0);
        for (int i = 0; i < 5; i++) {
            assertThat(advance.takeLeaf(tree)).isTrue();
            assertThat(takesMapping()).isTrue();
        }
        assertThat(advance.takeMapping()).isEqualTo(Advance.Room.NOT_OF_TREE);
        assertCharged(5, 5);
        advance.settle();
        assertCharged(5, 5);
    }

    @Test
    void boundOfLeavesIsMet() {
        tree.setBounds(1, 100);
        advance.charge(2);
        assertThat(advance.takeLeaf(tree)).isTrue();
        assertThat(advance.takeLeaf(tree)).isFalse();
        assertCharged(1, 0);
    }

    @Test
    void shareIsMetBeforeTheTree() {
        share.setLimit(1);
        tree.setBounds(1, 1);
        advance.charge(2);
        assertThat(takesMapping()).isTrue();
        assertThat(advance.takeMapping()).isEqualTo(Advance.Room.NOT_OF_SHARE);
        advance.giveMapping();
        assertCharged(0, 0);
    }

    /** From one element of a call to the next of the same tree nothing is given back, for another tree everything. */
    @Test
    void whatIsInHandStaysForTheSameTree() {
        Tree another = tree(10, 10);
        advance.charge(8);
        assertThat(advance.takeLeaf(tree)).isTrue();
        assertThat(takesMapping()).isTrue();
        advance.begin(tree, share);
        assertCharged(8, 8);
        advance.begin(another, share);
        assertCharged(1, 1);
        advance.charge(3);
        assertThat(another.mappings()).isEqualTo(8);
        assertThat(share.used()).isEqualTo(9);
        advance.begin(null, share);
        assertCharged(1, 1);
        assertThat(another.active() + another.mappings()).isZero();
    }

    /** The flat table has no bounds but the share. */
    @Test
    void slotZeroIsChargedToTheShareAlone() {
        advance.begin(null, share);
        advance.charge(7);
        assertThat(share.used()).isZero();
        assertThat(takesMapping()).isTrue();
        assertThat(takesMapping()).isTrue();
        advance.giveMapping();
        advance.settle();
        assertThat(share.used()).isEqualTo(1);
        assertThat(tree.mappings()).isZero();
    }

    @Test
    void refundGoesToWhomItIsFor() {
        Tree another = tree(10, 10);
        Share others = new Shares(100).of(2);
        tree.take(2, 3);
        another.take(1, 1);
        share.take(3);
        others.take(1);
        Refund refund = new Refund();
        refund.leaf(tree, true);
        refund.mappings(share, 1);
        refund.leaf(tree, false);
        refund.mappings(share, 1);
        assertCharged(2, 3);
        refund.leaf(another, true);
        refund.mappings(others, 1);
        assertCharged(1, 1);
        refund.leaf(tree, true);
        refund.mappings(share, 1);
        refund.pay();
        assertCharged(0, 0);
        assertThat(another.active() + another.mappings() + others.used()).isZero();
        refund.pay();
        assertCharged(0, 0);
    }
}
