package grantlab.api.memory;

import java.util.List;

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

    /**
     * Where other processes can have the bytes from.
     *
     * @return all of RAM, ascending; empty where it lies in no file that can be handed on
     */
    default List<SharedExtent> sharedExtents() {
        return List.of();
    }

    /** Gives the memory back to the operating system. No thread may use the machine any more. */
    @Override
    void close();
}
