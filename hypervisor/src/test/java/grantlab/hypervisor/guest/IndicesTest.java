package grantlab.hypervisor.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nobody has what another has, and nothing that is free is refused. */
class IndicesTest {
    private static final int SIZE = Indices.FIRST + 100;

    private final Indices indices = new Indices(SIZE);

    @Test
    void lowestComesFirst() {
        assertThat(indices.take(1)).isEqualTo(Indices.FIRST);
        assertThat(indices.take(3)).isEqualTo(Indices.FIRST + 1);
        indices.giveBack(Indices.FIRST, 1);
        assertThat(indices.take(2)).isEqualTo(Indices.FIRST + 4);
        assertThat(indices.take(1)).isEqualTo(Indices.FIRST);
    }

    @Test
    void whatWasNotTakenIsNotGivenBack() {
        indices.take(4);
        assertThatIllegalArgumentException().isThrownBy(() -> indices.giveBack(Indices.FIRST + 3, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> indices.giveBack(Indices.FIRST - 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> indices.giveBack(1L << 32 | Indices.FIRST, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> indices.take(0));
        assertThat(indices.take(1)).isEqualTo(Indices.FIRST + 4);
    }

    /** Against a model that looks everywhere. */
    @Test
    void runsAreFoundWhereverTheyAre() {
        Random random = new Random(7);
        BitSet model = new BitSet();
        List<long[]> runs = new ArrayList<>();
        for (int round = 0; round < 20_000; round++) {
            if (random.nextInt(100) < 55 || runs.isEmpty()) {
                int count = 1 + random.nextInt(12);
                long first = indices.take(count);
                assertThat(first).isEqualTo(firstFree(model, count));
                if (first >= 0) {
                    model.set((int) first, (int) first + count);
                    runs.add(new long[] {first, count});
                }
            } else {
                long[] run = runs.remove(random.nextInt(runs.size()));
                indices.giveBack(run[0], (int) run[1]);
                model.clear((int) run[0], (int) (run[0] + run[1]));
            }
        }
    }

    private static long firstFree(BitSet model, int count) {
        for (int first = Indices.FIRST; first + count <= SIZE; first++) {
            if (model.get(first, first + count).isEmpty()) {
                return first;
            }
        }
        return -1;
    }
}
