package grantlab.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import grantlab.hypervisor.domain.DomainConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static Settings settings(String text) {
        return Settings.from(ConfigFactory.parseString(text));
    }

    @Test
    void defaultsAreXensOwn() {
        Settings usual = Settings.usual();
        assertThat(usual.grantFormat()).isEqualTo("v1");
        assertThat(usual.limits()).isEqualTo(Limits.USUAL);
        assertThat(usual.domains()).isEmpty();
    }

    @Test
    void keysReplaceDefaults() {
        Settings settings =
                settings("paging = pv, limits { gnttab-max-frames = 4 }, domains { d1 { max-grant-frames = 2 } }");
        assertThat(settings.paging()).isEqualTo("pv");
        assertThat(settings.limits().maxGrantFrames()).isEqualTo(4);
        assertThat(settings.domains().get("d1")).isEqualTo(new DomainLimits(2, -1, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pagin = pv | unknown key pagin; there is: ",
                "limits { gnttab-max-framez = 4 } | unknown key limits.gnttab-max-framez",
                "domains { d1 { pages = 4 } } | unknown key domains.*.pages; there is: max-grant-frames",
                "limits { gnttab-max-frames = many } | configuration: ",
                "limits { gnttab-max-frames = -1 } | gnttab_max_frames = -1 is not within",
                "xen-release = \"4.1\" | xen-release = 4.1 is not known; there is: 4.17, 4.20",
                "domains { d1 { max-grant-version = 3 } } | max-grant-version = 3 is not within 1..2",
                "domains = 3 | configuration: "
            })
    void mistakesAreNamedInOneLine(String text, String message) {
        assertThatThrownBy(() -> settings(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }

    @Test
    void theConfigurationLimitsWhatTheToolstackAllows() {
        DomainLimits limits = settings("domains { d1 { max-grant-version = 1, max-grant-frames = 3 } }")
                .domains()
                .get("d1");
        DomainConfig asked = DomainConfig.usual(1, "pv");
        assertThat(limits.complete(asked).maxGrantVersion()).isEqualTo(1);
        assertThat(limits.complete(asked).maxGrantFrames()).isEqualTo(3);
        assertThat(limits.complete(asked.withGrantLimits(5, 6, 2)).maxGrantFrames())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "grant-format = v9 | grant-format = v9 is not known; there is: v1, v2, v3-tree, v3-tree-1, v3-tree-3, v3-tree-4",
                "paging = shadow | paging = shadow is not known; there is: hvm, pv",
                "memory = tape | memory = tape is not known; there is: checked, first-freed, last-freed, memfd, off-heap, on-heap, rotating",
                "iommu = lax | iommu = lax is not known; there is: identity, off, separate, separate-wo, shared, strict"
            })
    void unknownNamesListWhatExists(String text, String message) {
        Settings settings = settings(text);
        assertThatThrownBy(() -> Machine.start(settings))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(message);
    }
}
