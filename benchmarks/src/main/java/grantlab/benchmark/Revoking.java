package grantlab.benchmark;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3Unmap;
import grantlab.api.iommu.DeviceSpaceCounts;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.hypervisor.passthrough.Passthrough;

/**
 * One leaf that is mapped, taken back and acknowledged again and again, beside many others that stay mapped: of a tree of two levels,
 * from an HVM domain to another one or to a PV domain.
 */
final class Revoking implements AutoCloseable {
    private static final int GRANTER = 1;
    private static final int GRANTEE = 2;
    private static final long MOST_PAGES = 1 << 13;

    /** Each of the other leaves is mapped so often. */
    private static final int MAPPINGS_OF_EACH = 4;

    private static final int NODE_ENTRIES = 1 << V3Entry.LEVEL_BITS;
    private static final int INDICES = NODE_ENTRIES * NODE_ENTRIES;
    private static final int BOUND = 1 << 22;

    /** The leaf that is taken back, and the page behind it. */
    private static final int INDEX = INDICES - 1;

    /** The kernel takes pages for its own use from the other end. */
    private static final int OWN_PAGE = 20;

    /** Elements in a hypercall. */
    private static final int BATCH = 64;

    /** The place of the first mapping of the others. */
    private static final int OTHERS = 4 * Places.TABLE;

    private final Machine machine;
    private final MachineMemory memory;
    private final Guest granter;
    private final Guest grantee;
    private final Places places;
    private final Struct revocation;
    private final Struct[] maps;
    private final Struct[] unmaps;
    private final Struct batch;
    private final int mappings;
    private final long leafWord;
    private final long leafAddress;
    private final long reference;
    private int generation;

    /**
     * A page of a guest's, for a struct.
     *
     * @param frame as the guest numbers it
     * @param at machine address
     */
    private record Struct(long frame, long at) {}

    /**
     * Builds the machine and maps the others.
     *
     * @param search how mappings are found
     * @param others mappings of other leaves that live
     * @param mappings of the leaf that is taken back: one, or a multiple of 32
     * @param iommu kind of IOMMU; {@code off}: the grantee owns no device
     * @param paging of the grantee
     */
    Revoking(String search, int others, int mappings, String iommu, String paging) {
        this.mappings = mappings;
        int leaves = others / MAPPINGS_OF_EACH;
        int run = (leaves + Places.TABLE - 1) / Places.TABLE * Places.TABLE;
        places = new Places(paging, OTHERS + MAPPINGS_OF_EACH * run);
        machine = Machine.start(Settings.usual()
                .withGrantFormat(Laboratory.TREE)
                .withIommu(iommu)
                .withRevokeSearch(search));
        memory = machine.memory();
        granter = boot(DomainConfig.usual(GRANTER, "hvm"), GuestLayout.LABORATORY.withLargePages(1));
        DomainConfig config = DomainConfig.usual(GRANTEE, paging);
        grantee = boot(iommu.equals("off") ? config : config.withDevices(1), places.layout());
        Struct root = page(granter);
        reference = tree(root);
        // A block of 2 MiB has the nodes.
        long nodes = granter.kernel().allocatePages(Page.ORDER_2M);
        for (int node = 0; node < NODE_ENTRIES; node++) {
            long frame = granter.kernel().frameOf(nodes) + node;
            long word = Page.address(frame) | V3Entry.TABLE | V3Entry.W | V3Entry.DEV;
            memory.store64(root.at + (long) node * V3Entry.SIZE, word);
        }
        long firstNode = granter.addressSpace().argument(nodes, true);
        leafAddress = firstNode + (long) INDEX * V3Entry.SIZE;
        leafWord = leaf(OWN_PAGE);
        mapOthers(firstNode, leaves, run);
        revocation = revocation();
        batch = page(grantee);
        int calls = (mappings + BATCH - 1) / BATCH;
        maps = new Struct[calls];
        unmaps = new Struct[calls];
        for (int call = 0; call < calls; call++) {
            maps[call] = page(grantee);
            unmaps[call] = page(grantee);
        }
        writeElements();
    }

    private Guest boot(DomainConfig config, GuestLayout layout) {
        int error = machine.createDomain(config.withMaxPages(MOST_PAGES));
        if (error != 0) {
            throw new IllegalStateException("domain " + config.domid() + " was refused: " + error);
        }
        return machine.boot(config.domid(), layout);
    }

    private static Struct page(Guest guest) {
        long address = guest.kernel().allocatePages(Page.ORDER_4K);
        if (address < 0) {
            throw new IllegalStateException("domain " + guest.domid() + " has too few pages for arguments");
        }
        return new Struct(guest.kernel().frameOf(address), guest.addressSpace().argument(address, true));
    }

    private long leaf(int page) {
        return Page.address(granter.pageFrame(page)) | V3Entry.LEAF | V3Entry.W | V3Entry.DEV;
    }

    private long tree(Struct root) {
        Struct struct = head(page(granter), V3TreeCreate.SIZE, V3TreeCreate.REVOCABLE_ONLY);
        memory.store16(struct.at + V3TreeCreate.PEER, (short) GRANTEE);
        memory.store8(struct.at + V3TreeCreate.LEVELS, (byte) 2);
        memory.store8(struct.at + V3TreeCreate.PAGE_SHIFT, (byte) Page.SHIFT);
        memory.store64(struct.at + V3TreeCreate.ROOT_GFN, root.frame);
        memory.store64(struct.at + V3TreeCreate.INDEX_LIMIT, INDICES);
        memory.store64(struct.at + V3TreeCreate.MAX_MAPPINGS, BOUND);
        memory.store64(struct.at + V3TreeCreate.MAX_ACTIVE, BOUND);
        memory.store32(struct.at + V3TreeCreate.RING_ID, (int) V3TreeCreate.NONE);
        memory.store32(struct.at + V3TreeCreate.DEV_ID, (int) V3TreeCreate.NONE);
        call(granter, GnttabOp.V3_TREE_CREATE, struct, V3TreeCreate.STATUS);
        return memory.load64(struct.at + V3TreeCreate.BASE_REF);
    }

    private Struct head(Struct struct, int size, int flags) {
        memory.store16(struct.at + V3Head.STRUCT_SIZE, (short) size);
        memory.store16(struct.at + V3Head.VERSION, (short) V3Head.THREE);
        memory.store32(struct.at + V3Head.FLAGS, flags);
        return struct;
    }

    private static void call(Guest guest, int operation, Struct struct) {
        long rc = guest.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, operation, Page.address(struct.frame), 1);
        if (rc != 0) {
            throw new IllegalStateException("grant_table_op " + operation + " answers " + rc);
        }
    }

    private void call(Guest guest, int operation, Struct struct, int status) {
        call(guest, operation, struct);
        expectOkay(operation, struct.at + status);
    }

    private void expectOkay(int operation, long status) {
        if (memory.load32(status) != 0) {
            throw new IllegalStateException("grant_table_op " + operation + ": status " + memory.load32(status));
        }
    }

    /** Runs of leaves, each of which several elements map. */
    private void mapOthers(long firstNode, int leaves, int run) {
        for (int index = 0; index < leaves; index++) {
            memory.store64(firstNode + (long) index * V3Entry.SIZE, leaf(index % OWN_PAGE));
        }
        Struct elements = page(grantee);
        Struct struct = page(grantee);
        for (int mapping = 0; mapping < MAPPINGS_OF_EACH; mapping++) {
            for (int index = 0; index < leaves; index += Places.TABLE) {
                int pages = Math.min(Places.TABLE, leaves - index);
                element(elements.at, index, OTHERS + mapping * run + index, pages);
                batch(struct, elements, V3Map.SIZE, 1);
                call(grantee, GnttabOp.V3_MAP, struct);
                expectOkay(GnttabOp.V3_MAP, elements.at + V3Map.STATUS);
            }
        }
    }

    private void element(long at, long index, int place, int pages) {
        memory.store64(at + V3Map.REF, reference + index);
        memory.store64(at + V3Map.DEST, places.place(grantee, place));
        memory.store16(at + V3Map.PEER, (short) GRANTER);
        memory.store16(at + V3Map.FLAGS, (short) (V3Map.HOST | V3Map.WRITE | V3Map.ACCEPT_FAULT | places.flags()));
        memory.store32(at + V3Map.COUNT, pages);
    }

    private void batch(Struct struct, Struct elements, int size, int count) {
        head(struct, V3Batch.SIZE, 0);
        memory.store64(struct.at + V3Batch.FIRST_GFN, elements.frame);
        memory.store32(struct.at + V3Batch.COUNT, count);
        memory.store32(struct.at + V3Batch.ELEMENT_SIZE, size);
    }

    private Struct revocation() {
        Struct struct = head(page(granter), V3Revoke.SIZE, V3Revoke.FORCE);
        memory.store16(struct.at + V3Revoke.SLOT, (short) V3Ref.slot(reference));
        memory.store8(struct.at + V3Revoke.GEN, (byte) V3Ref.generation(reference));
        memory.store64(struct.at + V3Revoke.FIRST, INDEX);
        memory.store64(struct.at + V3Revoke.COUNT, 1);
        memory.store64(struct.at + V3Revoke.SCRATCH_GFN, V3Revoke.NO_SCRATCH);
        return struct;
    }

    private int elements(int call) {
        return Math.min(BATCH, mappings - call * BATCH);
    }

    private void writeElements() {
        for (int call = 0; call < maps.length; call++) {
            for (int n = 0; n < elements(call); n++) {
                element(maps[call].at + (long) n * V3Map.SIZE, INDEX, call * BATCH + n, 1);
                memory.store32(unmaps[call].at + (long) n * V3Unmap.SIZE + V3Unmap.COUNT, 1);
            }
        }
    }

    // ---- what is measured, and what comes before and after

    /** The granter grants the leaf anew, and the grantee maps it. */
    void map() {
        long gen = (long) (++generation & 15) << V3Entry.GEN_SHIFT;
        memory.store64Release(leafAddress, leafWord | gen);
        for (int call = 0; call < maps.length; call++) {
            batch(batch, maps[call], V3Map.SIZE, elements(call));
            call(grantee, GnttabOp.V3_MAP, batch);
            for (int n = 0; n < elements(call); n++) {
                long map = maps[call].at + (long) n * V3Map.SIZE;
                expectOkay(GnttabOp.V3_MAP, map + V3Map.STATUS);
                memory.store64(
                        unmaps[call].at + (long) n * V3Unmap.SIZE + V3Unmap.HANDLE, memory.load64(map + V3Map.HANDLE));
            }
        }
        memory.store64(revocation.at + V3Revoke.DONE, 0);
        memory.store64(revocation.at + V3Revoke.REVOKE_ID, 0);
    }

    /** The granter takes it back. */
    int revoke() {
        call(granter, GnttabOp.V3_REVOKE, revocation);
        return memory.load32(revocation.at + V3Revoke.UNMAPPED);
    }

    /** All of it was taken, and the grantee acknowledges. */
    void acknowledge() {
        expectOkay(GnttabOp.V3_REVOKE, revocation.at + V3Revoke.STATUS);
        if (memory.load32(revocation.at + V3Revoke.UNMAPPED) != mappings) {
            throw new IllegalStateException("a mapping was not taken");
        }
        for (int call = 0; call < unmaps.length; call++) {
            batch(batch, unmaps[call], V3Unmap.SIZE, elements(call));
            call(grantee, GnttabOp.V3_UNMAP, batch);
            for (int n = 0; n < elements(call); n++) {
                expectOkay(GnttabOp.V3_UNMAP, unmaps[call].at + (long) n * V3Unmap.SIZE + V3Unmap.STATUS);
            }
        }
    }

    /** What the grantee's devices were made to forget, and how often somebody waited for them. */
    DeviceSpaceCounts deviceCounts() {
        Domain domain = machine.domain(GRANTEE);
        Passthrough devices = domain == null ? null : domain.passthrough();
        if (devices == null) {
            throw new IllegalStateException("the grantee owns no device");
        }
        return devices.space().counts();
    }

    @Override
    public void close() {
        machine.checkInvariants();
        machine.close();
    }
}
