package grantlab.virtio.device;

/**
 * How a type of device says that something happened which is not its driver's doing: a frame arrived, a key was pressed. Any thread; it
 * holds no lock that {@link DeviceType}'s methods take.
 */
public interface Attention {
    /** There is no device around the type yet. */
    Attention NOBODY = new Attention() {
        @Override
        public void queue(int number) {}

        @Override
        public void configuration() {}
    };

    /**
     * A queue has something to do of which no driver notifies.
     *
     * @param number of the queue
     */
    void queue(int number);

    /** The configuration space changed: the driver is to look at it. */
    void configuration();
}
