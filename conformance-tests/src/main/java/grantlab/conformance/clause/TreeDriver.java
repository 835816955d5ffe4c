package grantlab.conformance.clause;

import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** What a driver does with references of domain 1 by calls of grants v3, and how it words them. */
final class TreeDriver {
    private final Party party;

    TreeDriver(Party party) {
        this.party = party;
    }

    // ---- wording

    /**
     * To map one page for reading at a slot: by frame number, or by the entry of a PV guest. Devices that the guest owns are to reach it
     * too: of what stands in a guest-physical map they do anyway.
     */
    V3Call mapping(long ref, int slot) {
        return V3Call.of(V3Form.MAP)
                .with(V3Map.REF, ref)
                .with(V3Map.PEER, World.GRANTER)
                .with(V3Map.DEST, place(slot))
                .with(V3Map.FLAGS, party.translated() ? V3Map.HOST : V3Map.HOST | V3Map.DEST_PTE | devices())
                .with(V3Map.COUNT, 1);
    }

    private int devices() {
        return party.ownsDevices() ? V3Map.DEVICE : 0;
    }

    /** What DEST is for a slot. */
    long place(int slot) {
        long address = party.slot(slot);
        return party.translated()
                ? Page.frame(address)
                : party.domain().addressSpace().entryAddress(address);
    }

    /** To unmap all of what a map made. */
    static V3Call unmapping(V3Answer mapped) {
        return unmapping(mapped.get(V3Map.HANDLE), 0, mapped.get(V3Map.DONE));
    }

    /** To unmap a part. */
    static V3Call unmapping(long handle, long first, long count) {
        return V3Call.of(V3Form.UNMAP)
                .with(V3Unmap.HANDLE, handle)
                .with(V3Unmap.FIRST, first)
                .with(V3Unmap.COUNT, count);
    }

    /** To copy from the beginning of a grant to the beginning of a page of one's own. */
    V3Call copying(long ref, int page, long length) {
        return V3Call.of(V3Form.COPY)
                .with(V3Copy.LOCAL_GFN, party.pageFrame(page))
                .with(V3Copy.REF, ref)
                .with(V3Copy.LENGTH, length)
                .with(V3Copy.PEER, World.GRANTER);
    }

    // ---- doing

    /** Maps one page at a slot, for writing or whatever is asked for beside. */
    V3Answer map(long ref, int slot, int flags) {
        return party.call(mapping(ref, slot).and(flags));
    }

    /** The same, and it must work. */
    V3Answer hold(long ref, int slot, int flags) {
        V3Answer mapped = map(ref, slot, flags);
        Expect.okay(mapped);
        Expect.equal("pages mapped", 1, mapped.get(V3Map.DONE));
        return mapped;
    }

    /** Unmaps all of it, and that must work. */
    void letGo(V3Answer mapped) {
        V3Answer unmapped = party.call(unmapping(mapped));
        Expect.okay(unmapped);
        Expect.equal("pages unmapped", mapped.get(V3Map.DONE), unmapped.get(V3Unmap.DONE));
    }

    /** Maps a reference and lets it go again: it is as good as any. */
    void expectMaps(long ref) {
        letGo(hold(ref, 0, 0));
    }

    /** A reference is refused, for mapping and for copying. */
    void expectRefused(int status, long ref) {
        V3Answer mapped = map(ref, 0, 0);
        Expect.status(status, mapped);
        Expect.equal("pages mapped", 0, mapped.get(V3Map.DONE));
        Expect.equal("handle", 0, mapped.get(V3Map.HANDLE));
        Expect.equal("address for devices", -1L, mapped.get(V3Map.DEV_ADDR));
        V3Answer copied = party.call(copying(ref, 0, Long.BYTES));
        Expect.status(status, copied);
        Expect.equal("bytes copied", 0, copied.get(V3Copy.DONE));
    }
}
