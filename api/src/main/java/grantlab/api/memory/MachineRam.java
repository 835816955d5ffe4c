package grantlab.api.memory;

/** One machine's memory and the books that are kept about it. */
public interface MachineRam extends AutoCloseable {
    /**
     * The bytes.
     *
     * @return always the same
     */
    MachineMemory memory();

    /**
     * The books.
     *
     * @return always the same
     */
    FrameTable frames();

    /**
     * The map of a domain whose frame numbers are machine frames.
     *
     * @param domid an admitted domain
     * @return a new map
     */
    PhysicalMap identityMap(int domid);

    /**
     * The map of a domain with frame numbers of its own; empty.
     *
     * @param domid an admitted domain
     * @return a new map
     */
    PhysicalMap translatedMap(int domid);

    /** Gives the memory back to the operating system. No thread may use the machine any more. */
    @Override
    void close();
}
