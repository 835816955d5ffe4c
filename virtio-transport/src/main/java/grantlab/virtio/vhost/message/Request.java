package grantlab.virtio.vhost.message;

/** What a frontend asks of a backend. */
public enum Request {
    /** Which features it has; answered with a word. */
    GET_FEATURES(1),

    /** Which of them are used. */
    SET_FEATURES(2),

    /** The frontend is the one. */
    SET_OWNER(3),

    /** Where the guest's memory is; with a file for each region. */
    SET_MEM_TABLE(5),

    /** How large a ring is. */
    SET_VRING_NUM(8),

    /** Where the parts of a ring are. */
    SET_VRING_ADDR(9),

    /** Where in a ring to begin. */
    SET_VRING_BASE(10),

    /** Stop; answered with where in the ring it stopped. */
    GET_VRING_BASE(11),

    /** How the driver notifies; with a file. */
    SET_VRING_KICK(12),

    /** How the driver is notified; with a file. */
    SET_VRING_CALL(13),

    /** Which features of the protocol it has; answered with a word. */
    GET_PROTOCOL_FEATURES(15),

    /** Which of them are used. */
    SET_PROTOCOL_FEATURES(16),

    /** Whether a ring is worked on. */
    SET_VRING_ENABLE(18),

    /** Where the backend asks of its own; with a file. */
    SET_BACKEND_REQ_FD(21),

    /** What its IOTLB learns or forgets. */
    IOTLB_MSG(22);

    private final int number;

    Request(int number) {
        this.number = number;
    }

    /** Its number in the head of a message. */
    public int number() {
        return number;
    }
}
