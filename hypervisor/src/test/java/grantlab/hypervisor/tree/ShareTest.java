package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShareTest {
    private final Shares shares = new Shares(Books.UNSHARED);

    @Test
    void shareIsWholeOrNotAtAll() {
        Share share = shares.of(3);
        share.setLimit(10);
        assertThat(share.take(11)).isFalse();
        assertThat(share.take(10)).isTrue();
        assertThat(share.take(1)).isFalse();
        share.give(4);
        assertThat(share.take(5)).isFalse();
        assertThat(share.take(4)).isTrue();
        assertThat(share.used()).isEqualTo(10);
    }

    @Test
    void oneGranterHasOneShare() {
        for (int granter : new int[] {0, 1, 255, 256, 0x7fef}) {
            Share share = shares.of(granter);
            assertThat(shares.of(granter)).isSameAs(share);
            assertThat(shares.all()).containsEntry(granter, share);
        }
        assertThat(shares.all()).hasSize(5);
        assertThat(shares.of(1)).isNotSameAs(shares.of(256));
    }

    @Test
    void usualLimitIsOfThoseThatDidNotDiffer() {
        Share usual = shares.of(1);
        Share own = shares.of(2);
        own.setLimit(5);
        shares.setUsual(7);
        assertThat(usual.limit()).isEqualTo(7);
        assertThat(own.limit()).isEqualTo(5);
        assertThat(shares.of(300).limit()).isEqualTo(7);
    }
}
