package grantlab.hypervisor.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import grantlab.api.grant.FlatFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlatFormatsTest {
    private static FlatFormat version(int version) {
        FlatFormat format = mock(FlatFormat.class);
        when(format.version()).thenReturn(version);
        return format;
    }

    @Test
    void findsByVersion() {
        FlatFormat first = version(1);
        FlatFormat second = version(2);
        FlatFormats formats = new FlatFormats(List.of(second, first));
        assertThat(formats.first()).isSameAs(first);
        assertThat(formats.find(2)).isSameAs(second);
        assertThat(formats.find(3)).isNull();
    }

    @Test
    void aVersionHasOneFormatAndTheFirstIsThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FlatFormats(List.of(version(1), version(2), version(2))))
                .withMessageContaining("version 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FlatFormats(List.of(version(2))))
                .withMessageContaining("version 1");
    }
}
