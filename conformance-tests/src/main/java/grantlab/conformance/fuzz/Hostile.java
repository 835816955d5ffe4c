package grantlab.conformance.fuzz;

/** Values that hardly make sense: bad domids, references beyond every table, addresses that lead nowhere. */
public final class Hostile {
    private static final String[] DOMAINS = {"self", "d9", "xen", "io", "cow", "idle", "invalid", "65535", "d5"};
    private static final String[] FRAMES = {"0", "0x7fffffff", "0xffffffff", "0x3ffff", "none", "0x100000000"};
    private static final long[] REFS = {
        0,
        1,
        7,
        100,
        255,
        256,
        511,
        512,
        1023,
        1024,
        2047,
        2048,
        4096,
        16383,
        16384,
        32767,
        32768,
        65535,
        0x7fffffffL,
        0xffffffffL
    };
    private static final String[] UNTRANSLATED = {
        "0x7ffffffff000", "0xffff830000000000", "0x40001", "0x30000000000", "0x800000000000", "0"
    };
    private static final String[] TRANSLATED = {"0xfffffffffffff000", "0x1000000000000", "0x123456000"};
    private static final int[] LENGTHS = {0, 1, 4097, 65535, 4095, 4096};
    private static final int[] OFFSETS = {0, 1, 7, 4088, 4095, 4096, 65535};
    private static final int[] COUNTS = {0, 2, 3, 7, -1, 0x80000000};

    /** The elements behind the one that was written lead through everything that the guest has there. */
    private static final int[] FAR_COUNTS = {0, 2, 3, 7, 300, -1, 0x7fffffff, 0x80000000};

    private final Dice dice;
    private final Audience audience;

    Hostile(Dice dice, Audience audience) {
        this.dice = dice;
        this.audience = audience;
    }

    /** A domid that names no ordinary domain. */
    public String domain() {
        return DOMAINS[dice.below(DOMAINS.length)];
    }

    /** A frame that nobody should name. */
    public String frame() {
        return FRAMES[dice.below(FRAMES.length)];
    }

    /** A reference near a border. */
    public long ref() {
        return REFS[dice.below(REFS.length)];
    }

    /** An address at which nothing should be mapped. */
    public String address(Actor executor) {
        return executor.translated() ? dice.one(TRANSLATED) : dice.one(UNTRANSLATED);
    }

    /** A length near a border. */
    public int length() {
        return dice.oneOf(LENGTHS);
    }

    /** An offset near a border. */
    public int offset() {
        return dice.oneOf(OFFSETS);
    }

    /** A count that is not the one of the elements. */
    public int count() {
        return dice.oneOf(audience == Audience.XEN ? COUNTS : FAR_COUNTS);
    }
}
