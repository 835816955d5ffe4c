package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is in whose way (grant-v3.md, REVOKE-12, REVOKE-20, REVOKE-22). */
class RevocationsTest {
    private static final long FIRST = 40;
    private static final long COUNT = 4;

    private final Revocations revocations = new Revocations();

    @ParameterizedTest
    @CsvSource({"40, 1", "43, 1", "39, 2", "43, 9", "30, 40", "40, 4"})
    void rangeThatOverlapsIsInTheWay(long first, long count) {
        Revocations.Begun begun = new Revocations.Begun();
        assertThat(revocations.begin(FIRST, COUNT, begun)).isTrue();
        assertThat(revocations.inTheWayOf(first, count)).isEqualTo(begun.id);
        Revocations.Begun second = new Revocations.Begun();
        assertThat(revocations.begin(first, count, second)).isFalse();
        assertThat(second.id).as("the one in the way").isEqualTo(begun.id);
        revocations.end(begun.id);
        assertThat(revocations.inTheWayOf(first, count)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"39, 1", "44, 5", "0, 40"})
    void rangeBesideIsNot(long first, long count) {
        assertThat(revocations.begin(FIRST, COUNT, new Revocations.Begun())).isTrue();
        assertThat(revocations.inTheWayOf(first, count)).isZero();
        assertThat(revocations.begin(first, count, new Revocations.Begun())).isTrue();
    }

    @Test
    void asManyAsThereMayBeAreInNobodysWay() {
        for (int n = 0; n < Revocations.MOST; n++) {
            assertThat(revocations.begin(FIRST + n, 1, new Revocations.Begun())).isTrue();
        }
        Revocations.Begun begun = new Revocations.Begun();
        assertThat(revocations.begin(0, 1, begun)).isFalse();
        assertThat(begun.id).isEqualTo(Revocations.NO_ROOM);
        assertThat(revocations.inTheWayOf(0, 1)).isZero();
    }

    @Test
    void requestsAreInNobodysWay() {
        Waits waits = new Waits();
        for (int n = 0; n < Waits.MOST; n++) {
            assertThat(revocations.ask(FIRST + n, 1, 0, waits, new Revocations.Begun()))
                    .isNotNull();
        }
        assertThat(revocations.ask(0, 1, 0, waits, new Revocations.Begun()))
                .as("one request more")
                .isNull();
        assertThat(revocations.begin(FIRST, 1, new Revocations.Begun())).isTrue();
        assertThat(revocations.takeOver(FIRST, 1)).hasSize(1);
        assertThat(revocations.ask(0, 1, 0, waits, new Revocations.Begun()))
                .as("in the place of the one that was taken over")
                .isNotNull();
    }
}
