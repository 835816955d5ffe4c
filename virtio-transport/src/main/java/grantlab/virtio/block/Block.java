package grantlab.virtio.block;

/** The numbers of block devices (sections 5.2.1 to 5.2.6). All fields are little endian. */
public final class Block {
    /** The device type. */
    public static final int DEVICE_ID = 2;

    /** Bytes of a sector. */
    public static final int SECTOR = 512;

    /** Feature VIRTIO_BLK_F_SEG_MAX: the configuration says how many pieces the data of a request may have. */
    public static final long F_SEG_MAX = 1L << 2;

    /** Feature VIRTIO_BLK_F_FLUSH: what was written need not be stable before a flush. */
    public static final long F_FLUSH = 1L << 9;

    /** Feature VIRTIO_BLK_F_DISCARD: sectors can be given up. */
    public static final long F_DISCARD = 1L << 13;

    /** Request VIRTIO_BLK_T_IN: read. */
    public static final int IN = 0;

    /** Request VIRTIO_BLK_T_OUT: write. */
    public static final int OUT = 1;

    /** Request VIRTIO_BLK_T_FLUSH. */
    public static final int FLUSH = 4;

    /** Request VIRTIO_BLK_T_GET_ID. */
    public static final int GET_ID = 8;

    /** Request VIRTIO_BLK_T_DISCARD. */
    public static final int DISCARD = 11;

    /** Bytes of the head of a request: type in 4, reserved 4, sector in 8. */
    public static final int HEAD = 16;

    /** Head: where the sector is. */
    public static final int HEAD_SECTOR = 8;

    /** Bytes of an id. */
    public static final int ID = 20;

    /** Bytes of a piece to discard: sector in 8, number of sectors in 4, flags in 4. */
    public static final int DISCARD_PIECE = 16;

    /** Status VIRTIO_BLK_S_OK. */
    public static final int OK = 0;

    /** Status VIRTIO_BLK_S_IOERR. */
    public static final int IOERR = 1;

    /** Status VIRTIO_BLK_S_UNSUPP. */
    public static final int UNSUPP = 2;

    /** Configuration: capacity in sectors, 8 bytes. */
    public static final int CAPACITY = 0;

    /** Configuration: pieces of the data of a request, at most; 4 bytes. */
    public static final int SEG_MAX = 12;

    /** Configuration: sectors of a piece to discard, at most; 4 bytes. */
    public static final int MAX_DISCARD_SECTORS = 36;

    /** Configuration: pieces of a request to discard, at most; 4 bytes. */
    public static final int MAX_DISCARD_SEG = 40;

    /** Configuration: what pieces to discard should be aligned to, in sectors; 4 bytes. */
    public static final int DISCARD_SECTOR_ALIGNMENT = 44;

    private Block() {}
}
