package grantlab.api.abi;

/** What every argument struct of grants v3 begins with, section 16.1 (grant-v3.md); little endian. */
public final class V3Head {
    /** Bytes of the struct. */
    public static final int SIZE = 8;

    /** In, 2 bytes: bytes of the struct that it begins. */
    public static final int STRUCT_SIZE = 0;

    /** In, 2 bytes: 3. */
    public static final int VERSION = 2;

    /** In, 4 bytes: what the struct defines; an unknown one is refused. */
    public static final int FLAGS = 4;

    /** Value: the version. */
    public static final int THREE = 3;

    private V3Head() {}
}
