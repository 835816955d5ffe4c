package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.grant.TreeTable;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** Who is charged, and that it is exact when a run is over (grant-v3.md, section 6). */
class AdvanceTest {
    private final Share share = new Shares(100).of(1);
    private final Tree tree = tree(100, 100);
    private final Advance advance = new Advance();

    AdvanceTest() {
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
        for (int i = 0; i < 32; i++) {
            advance.charge(50 - i);
            assertThat(advance.takeLeaf(tree)).isTrue();
            assertThat(takesMapping()).isTrue();
        }
        assertCharged(32, 32);
        advance.charge(18);
        assertCharged(50, 50);
        advance.settle();
        assertCharged(32, 32);
        advance.settle();
        assertCharged(32, 32);
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
        Tree other = tree(10, 10);
        advance.charge(8);
        assertThat(advance.takeLeaf(tree)).isTrue();
        assertThat(takesMapping()).isTrue();
        advance.begin(tree, share);
        assertCharged(8, 8);
        advance.begin(other, share);
        assertCharged(1, 1);
        advance.charge(3);
        assertThat(other.mappings()).isEqualTo(3);
        assertThat(share.used()).isEqualTo(4);
        advance.begin(null, share);
        assertCharged(1, 1);
        assertThat(other.active() + other.mappings()).isZero();
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
        Tree other = tree(10, 10);
        Share others = new Shares(100).of(2);
        tree.take(2, 3);
        other.take(1, 1);
        share.take(3);
        others.take(1);
        Refund refund = new Refund();
        refund.leaf(tree, true);
        refund.mappings(share, 1);
        refund.leaf(tree, false);
        refund.mappings(share, 1);
        assertCharged(2, 3);
        refund.leaf(other, true);
        refund.mappings(others, 1);
        assertCharged(1, 1);
        refund.leaf(tree, true);
        refund.mappings(share, 1);
        refund.pay();
        assertCharged(0, 0);
        assertThat(other.active() + other.mappings() + others.used()).isZero();
        refund.pay();
        assertCharged(0, 0);
    }
}
