package grantlab.conformance.script;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.guest.Guest;
import java.lang.foreign.MemorySegment;

/**
 * The pages of a guest in which its hypercalls have their arguments: two for structs, one for lists of frames. The
 * guest writes them itself; what came back is read from the machine's memory, since a domain that Xen crashed in the
 * call can no longer look.
 */
final class ArgumentPages {
    /** Bytes for structs. */
    static final int STRUCT_BYTES = 2 * Page.SIZE;

    /** Frame numbers of one list. */
    static final int LIST_ENTRIES = 64;

    /** What lists hold before the call: no frame number. */
    static final long UNWRITTEN = 0x5a5a5a5a5a5aL;

    private static final int LISTS = 8;
    private static final int LIST_BYTES = LIST_ENTRIES * Long.BYTES;

    private final Guest guest;
    private final MachineMemory memory;
    private final long[] machineAddresses = new long[3];
    private final ArgumentStruct blank = ArgumentStruct.ofSize(STRUCT_BYTES);

    ArgumentPages(Guest guest, MachineMemory memory) {
        this.guest = guest;
        this.memory = memory;
        for (int page = 0; page < machineAddresses.length; page++) {
            machineAddresses[page] =
                    guest.addressSpace().argument(guest.argumentPages() + (long) page * Page.SIZE, true);
        }
    }

    /** Guest address of the structs. */
    long address() {
        return guest.argumentPages();
    }

    /** Guest-physical address of the first page for structs; the machine's, of a PV guest. */
    long physicalAddress() {
        return guest.translated() ? address() : machineAddresses[0];
    }

    /** Where an array is that calls with a struct of their own name by its frame: the frame of the second page. */
    long arrayFrame() {
        return guest.translated() ? Page.frame(address()) + 1 : Page.frame(machineAddresses[1]);
    }

    /** Writes such an array. */
    void writeArray(ArgumentStruct array) {
        store(address() + Page.SIZE, array.bytes());
    }

    /**
     * Such an array as it is now.
     *
     * @param size of its elements together, at most two pages
     */
    ArgumentStruct readArray(int size) {
        return read(Page.SIZE, size);
    }

    /** Guest address of the list that an element of a batch uses. */
    long listAddress(int element) {
        return guest.argumentPages() + STRUCT_BYTES + (long) (element % LISTS) * LIST_BYTES;
    }

    /** Writes the structs. */
    void write(ArgumentStruct structs) {
        store(address(), structs.bytes());
    }

    /** Fills a list so that frames which are not written show. */
    void clearList(int element) {
        ArgumentStruct list = ArgumentStruct.ofSize(LIST_BYTES);
        for (int entry = 0; entry < LIST_ENTRIES; entry++) {
            list.set64(entry * Long.BYTES, UNWRITTEN);
        }
        store(listAddress(element), list.bytes());
    }

    /** Writes the first frame of a list. */
    void writeListHead(int element, long frame) {
        ArgumentStruct head = ArgumentStruct.ofSize(Long.BYTES);
        head.set64(0, frame);
        store(listAddress(element), head.bytes());
    }

    /**
     * Zeros for structs; always the same bytes, so the caller is done with the one before.
     *
     * @param size of them together, not more than there is room for
     */
    ArgumentStruct blank(int size) {
        ArgumentStruct structs = blank.slice(0, size);
        structs.bytes().fill((byte) 0);
        return structs;
    }

    /**
     * The structs as they are now.
     *
     * @param size of them together
     */
    ArgumentStruct read(int size) {
        return read(0, size);
    }

    private ArgumentStruct read(int from, int size) {
        ArgumentStruct structs = ArgumentStruct.ofSize(size);
        for (int at = 0; at < size; at += Page.SIZE) {
            int bytes = Math.min(Page.SIZE, size - at);
            memory.copyOut(
                    machineAddresses[(from + at) / Page.SIZE],
                    structs.slice(at, bytes).bytes());
        }
        return structs;
    }

    /** A frame of a list as it is now. */
    long listEntry(int element, int entry) {
        return memory.load64(machineAddresses[2] + (long) (element % LISTS) * LIST_BYTES + (long) entry * Long.BYTES);
    }

    private void store(long address, MemorySegment bytes) {
        if (!guest.vcpu().running()) {
            storeFromOutside(address - address(), bytes);
            return;
        }
        int fault = guest.vcpu().storeBytes(address, bytes);
        if (fault != 0) {
            throw new IllegalStateException("d" + guest.domid() + " has fault " + fault + " on its argument pages at 0x"
                    + Long.toHexString(address));
        }
    }

    /** A domain that another's call crashed writes nothing any more; as in the recorder, d0 has written for it. */
    private void storeFromOutside(long offset, MemorySegment bytes) {
        for (long at = 0; at < bytes.byteSize(); ) {
            int within = Page.offset(offset + at);
            long step = Math.min(bytes.byteSize() - at, Page.SIZE - within);
            memory.copyIn(machineAddresses[(int) Page.frame(offset + at)] + within, bytes.asSlice(at, step));
            at += step;
        }
    }
}
