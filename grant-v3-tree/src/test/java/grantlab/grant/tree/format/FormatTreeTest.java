package grantlab.grant.tree.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Capability;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.grant.tree.TreeWorld;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatTreeTest {
    @Test
    void eachHeightHasAName() {
        assertThat(ServiceLoader.load(GrantFormatProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .map(GrantFormatProvider::name))
                .containsExactlyInAnyOrder("v3-tree-1", "v3-tree", "v3-tree-3", "v3-tree-4");
    }

    @Test
    void largeLeavesNeedASecondLevel() {
        for (GrantFormatProvider provider : ServiceLoader.load(GrantFormatProvider.class)) {
            assertThat(provider.capabilities())
                    .contains(
                            Capability.GUEST_HOME,
                            Capability.LAYOUT_TREE,
                            Capability.MANY_TABLES,
                            Capability.EVERY_PIN_READS,
                            Capability.IN_USE_BITS,
                            Capability.FRAMES_ABOVE_16_TIB)
                    .doesNotContain(Capability.FLAT_HOME);
            assertThat(provider.capabilities().contains(Capability.LARGE_LEAVES))
                    .isEqualTo(!provider.name().equals("v3-tree-1"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "leaf, type, 2, 0x2",
        "leaf, w, 1, 0x4",
        "leaf, dev, 1, 0x8",
        "leaf, copy_only, 1, 0x10",
        "leaf, notify, 1, 0x20",
        "leaf, attached, 1, 0x40",
        "leaf, reserved, 3, 0x180",
        "leaf, mapped_r, 1, 0x200",
        "leaf, mapped_w, 1, 0x400",
        "leaf, w_seen, 1, 0x800",
        "leaf, frame, 0x123456789a, 0x123456789a000",
        "leaf, sw, 0x7f, 0x7f0000000000000",
        "leaf, gen, 0xf, 0x7800000000000000",
        "leaf, extension, 1, 0x8000000000000000",
        "node, type, 1, 0x1",
        "node, w, 1, 0x4",
        "node, dev, 1, 0x8",
        "node, frame, 0xffffffffff, 0xffffffffff000",
        "node, sw, 0x55, 0x550000000000000",
    })
    void fieldsAreBitsOfTheWord(String verb, String name, String value, String word) {
        try (TreeWorld world = new TreeWorld(true)) {
            EntryCodec codec = codec(world, verb);
            EntryCodec.Field field = field(codec, name);
            long bits = Long.parseUnsignedLong(word.substring(2), 16);
            long address = world.entry(world.page(), 3);
            codec.set(world.ram.memory(), address, field, Long.decode(value));
            assertThat(world.ram.memory().load64(address)).isEqualTo(bits);
            world.ram.memory().store64(address, -1);
            assertThat(codec.get(world.ram.memory(), address, field) & Long.decode(value))
                    .isEqualTo(Long.decode(value));
            codec.set(world.ram.memory(), address, field, 0);
            assertThat(world.ram.memory().load64(address) & bits).isZero();
            codec.set(world.ram.memory(), address, field, -1);
            assertThat(world.ram.memory().load64(address)).as("the others stay").isEqualTo(-1);
        }
    }

    @Test
    void theTypePublishes() {
        try (TreeWorld world = new TreeWorld(true)) {
            for (EntryCodec codec : world.format().codecs()) {
                assertThat(codec.bytes()).isEqualTo(8);
                assertThat(codec.fields().stream()
                                .filter(EntryCodec.Field::writtenLast)
                                .map(EntryCodec.Field::name))
                        .containsExactly("type");
                assertThat(codec.address(null, 0)).isEqualTo(-1);
                assertThat(codec.marksAddress(null, 0)).isEqualTo(-1);
            }
            EntryCodec.Field strange = new EntryCodec.Field("gen", 0, 8, false);
            assertThatThrownBy(() -> codec(world, "node").get(world.ram.memory(), 0, strange))
                    .hasMessageContaining("no field gen");
        }
    }

    private static EntryCodec codec(TreeWorld world, String verb) {
        return world.format().codecs().stream()
                .filter(codec -> codec.verb().equals(verb))
                .findFirst()
                .orElseThrow();
    }

    private static EntryCodec.Field field(EntryCodec codec, String name) {
        return codec.fields().stream()
                .filter(field -> field.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
