package grantlab.conformance.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What kinds of domains a script has, and which table versions they bring up. Each script has one mode. */
public enum Mode {
    /** PV domains, tables of version 1. */
    PV1(false, 1, 1),
    /** PV domains, tables of version 2. */
    PV2(false, 2, 2),
    /** PV and PVH domains, tables of version 1. */
    PVH1(true, 1, 1),
    /** PV and PVH domains, tables of version 2. */
    PVH2(true, 2, 2),
    /** PV domains, each with a version of its own. */
    PVMIX(false, 1, 2),
    /** PV and PVH domains, each with a version of its own. */
    PVHMIX(true, 1, 2),
    /** PV domains with trees beside tables of version 1. */
    PV3(false, 1, 1, true),
    /** PV and PVH domains with trees beside tables of version 1. */
    PVH3(true, 1, 1, true),
    /** PV and PVH domains with trees beside tables, each of a version of its own. */
    V3MIX(true, 1, 2, true);

    private final boolean translated;
    private final int lowestVersion;
    private final int highestVersion;
    private final boolean trees;

    Mode(boolean translated, int lowestVersion, int highestVersion) {
        this(translated, lowestVersion, highestVersion, false);
    }

    Mode(boolean translated, int lowestVersion, int highestVersion, boolean trees) {
        this.trees = trees;
        this.translated = translated;
        this.lowestVersion = lowestVersion;
        this.highestVersion = highestVersion;
    }

    /**
     * Whether PVH domains take part.
     *
     * @return false: all are PV
     */
    public boolean translated() {
        return translated;
    }

    /**
     * Whether there are trees.
     *
     * @return true: real Xen does not know what its scripts say
     */
    public boolean trees() {
        return trees;
    }

    /**
     * The table version of a domain.
     *
     * @param dice decide where there is a choice
     */
    public int version(Dice dice) {
        return dice.between(lowestVersion, highestVersion);
    }

    /** As the command line and file names spell it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The mode of a word.
     *
     * @param word as {@link #word} gives it
     */
    public static Optional<Mode> of(String word) {
        return Arrays.stream(values()).filter(mode -> mode.word().equals(word)).findFirst();
    }

    /** All words, for messages. */
    public static String words() {
        return Arrays.stream(values()).map(Mode::word).collect(Collectors.joining(", "));
    }

    /** Those that real Xen knows. */
    public static List<Mode> ofXen() {
        return Arrays.stream(values()).filter(mode -> !mode.trees).toList();
    }

    /** All modes. */
    public static List<Mode> all() {
        return List.of(values());
    }

    @Override
    public String toString() {
        return word();
    }
}
