package grantlab.virtio.net;

/** What became of the frames of a network device; counted by the thread that serves it. */
public final class NetCounts {
    /** Frames that its driver sent and that went on. */
    public long sent;

    /** Frames that its driver sent and that are none: too short, too long, with offloads that nobody agreed on, from somebody else's address. */
    public long refused;

    /** Frames that its driver got. */
    public long received;

    /** Frames for its driver that no buffer was there for, or none that was large enough. */
    public long dropped;

    /** Frames, of either direction, whose memory was not reached: never exposed, or taken back. */
    public long unreached;

    /** All zero. */
    public NetCounts() {}
}
