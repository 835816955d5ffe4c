package grantlab.virtio.vhost.message;

/** Features of vhost-user, as masks. */
public final class ProtocolFeature {
    /** A bit of the device's features: there are features of the protocol. */
    public static final long PROTOCOL_FEATURES = 1L << 30;

    /** REPLY_ACK: any request can be answered with whether it was done. */
    public static final long REPLY_ACK = 1L << 3;

    /** BACKEND_REQ: the backend asks of its own. */
    public static final long BACKEND_REQ = 1L << 5;

    /** Without these a backend cannot be had to forget, and hear that it has. */
    public static final long MANDATORY = REPLY_ACK | BACKEND_REQ;

    private ProtocolFeature() {}
}
