package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.hypervisor.ConfigurationException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {
    @Test
    void eachCellIsInExactlyOneOfTheParts() {
        for (int of = 1; of <= 7; of++) {
            int parts = of;
            List<Shard> shards = IntStream.rangeClosed(1, of)
                    .mapToObj(n -> new Shard(n, parts))
                    .toList();
            for (int cell = 0; cell < 50; cell++) {
                int which = cell;
                assertThat(shards.stream().filter(shard -> shard.has(which))).hasSize(1);
            }
            assertThat(shards)
                    .allSatisfy(shard -> assertThat(shard.size(50))
                            .isEqualTo(IntStream.range(0, 50).filter(shard::has).count()));
        }
    }

    @Test
    void isReadAsItIsWritten() {
        assertThat(Shard.of("2/5")).isEqualTo(new Shard(2, 5));
        assertThat(Shard.of("2/5").name()).isEqualTo("2/5");
        assertThat(Shard.WHOLE.isWhole()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/4", "1/1000000"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> Shard.of(text)).isInstanceOf(ConfigurationException.class);
    }
}
